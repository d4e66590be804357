"""An endpoint in; a client that pulls from Pub/Sub, for the command line, out."""

import grpc
from google.pubsub_v1 import SubscriberClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport


def subscriber(endpoint: str) -> SubscriberClient:
    """Pulls from Google's service, or from whatever answers at `endpoint` (host:port, no TLS)."""
    if not endpoint:
        return SubscriberClient()
    return SubscriberClient(transport=SubscriberGrpcTransport(channel=grpc.insecure_channel(endpoint)))
