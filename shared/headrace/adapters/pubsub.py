"""The bus on Pub/Sub: one synchronous call a message, so that returning means the service has it.

The generated client is used, not the batching one, whose thread gets no CPU on Cloud Run between requests.
"""

import grpc
from google.api_core.exceptions import GoogleAPICallError
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from google.pubsub_v1.types import PubsubMessage

from headrace.errors import Unavailable
from headrace.ports import Message

TIMEOUT_SECONDS = 30


class PubSub:
    """Publishes to the topics of one project, or of whatever answers at `endpoint` (host:port, no TLS)."""

    def __init__(self, project: str, endpoint: str = "") -> None:
        self._project = project
        self._client = _client(endpoint)

    def publish(self, message: Message) -> None:
        """Return when the service has the message. Raises Unavailable when it does not take it."""
        packed = PubsubMessage(
            data=message.data, attributes=dict(message.attributes), ordering_key=message.ordering_key
        )
        topic = f"projects/{self._project}/topics/{message.topic}"
        try:
            self._client.publish(topic=topic, messages=[packed], timeout=TIMEOUT_SECONDS)
        except GoogleAPICallError as error:
            raise Unavailable(f"Pub/Sub did not take a message for {topic}: {error}") from error


def _client(endpoint: str) -> PublisherClient:
    if not endpoint:
        return PublisherClient()
    return PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(endpoint)))


def subscriber(endpoint: str) -> SubscriberClient:
    """A client that pulls, for the command line."""
    if not endpoint:
        return SubscriberClient()
    return SubscriberClient(transport=SubscriberGrpcTransport(channel=grpc.insecure_channel(endpoint)))
