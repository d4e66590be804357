"""A port and a state folder in; the Pub/Sub server, until cancelled, out."""

import asyncio
from pathlib import Path
from socket import socket

from localcloud.grpcserver import grpc_server, listen
from localcloud.pubsub.broker import Broker
from localcloud.pubsub.consumer import Consumer
from localcloud.pubsub.database import open_pubsub
from localcloud.pubsub.frontdoor import FrontDoor
from localcloud.pubsub.publisher import Publisher
from localcloud.pubsub.rest import PublisherApi
from localcloud.pubsub.subscriber import Subscriber
from localcloud.restserver import bound, rest_app, serve_app

_GRACE = 1.0
"""Seconds that calls under way are given when the server stops."""


async def serve_pubsub(port: int, state: Path, storage: str | None) -> None:
    """Serve google.pubsub.v1 on 127.0.0.1:`port` until cancelled: all of it over gRPC, publishing over REST too."""
    db = open_pubsub(state)
    try:
        with bound(port) as outside, bound() as inside:
            await _serve(Broker(db, storage), outside, inside)
    finally:
        db.close()


async def _serve(broker: Broker, outside: socket, inside: socket) -> None:
    publisher = Publisher(broker)
    server = grpc_server(
        {
            "google.pubsub.v1.Publisher": publisher.methods(),
            "google.pubsub.v1.Subscriber": Subscriber(broker).methods() | Consumer(broker).methods(),
        }
    )
    front = FrontDoor(listen(server), inside.getsockname()[1])
    inside.listen()  # whoever comes before the server is there waits for it
    rest = asyncio.ensure_future(serve_app(rest_app(PublisherApi(publisher).routes()), inside))
    broker.start()
    try:
        await server.start()
        await front.open(outside)
        await asyncio.Event().wait()  # gRPC's own wait, once cancelled, has `stop` cut every call off
    finally:
        # Clients that are told to come back must not find the server still listening, only to be cancelled by it.
        front.shut()
        rest.cancel()
        await asyncio.gather(server.stop(_GRACE), broker.close(), asyncio.wait([rest]))
        await front.empty()
