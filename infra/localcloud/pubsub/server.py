"""A port and a state folder in; the Pub/Sub server, until cancelled, out."""

import asyncio
from pathlib import Path

from localcloud.grpcserver import grpc_server
from localcloud.pubsub.broker import Broker
from localcloud.pubsub.consumer import Consumer
from localcloud.pubsub.database import open_pubsub
from localcloud.pubsub.publisher import Publisher
from localcloud.pubsub.subscriber import Subscriber

_GRACE = 1.0
"""Seconds that calls under way are given when the server stops."""


async def serve_pubsub(port: int, state: Path, storage: str | None) -> None:
    """Serve google.pubsub.v1 on 127.0.0.1:`port` until cancelled."""
    db = open_pubsub(state)
    broker = Broker(db, storage)
    services = {
        "google.pubsub.v1.Publisher": Publisher(broker).methods(),
        "google.pubsub.v1.Subscriber": Subscriber(broker).methods() | Consumer(broker).methods(),
    }
    server = grpc_server(services, port)
    broker.start()
    try:
        await server.start()
        await asyncio.Event().wait()  # gRPC's own wait, once cancelled, has `stop` cut every call off
    finally:
        # Clients that are told to come back must not find the server still listening, only to be cancelled by it.
        await asyncio.gather(server.stop(_GRACE), broker.close())
        db.close()
