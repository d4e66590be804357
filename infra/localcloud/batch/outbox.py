"""Queued notifications in; each published to Pub/Sub at least once, however long that is down, out."""

import asyncio
import logging
import time
from collections.abc import Iterable
from itertools import groupby
from typing import Any

import grpc.aio
from google.api_core.exceptions import GoogleAPIError
from google.pubsub_v1 import PublisherAsyncClient, PubsubMessage
from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport

from localcloud.batch.store import Message, Store

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0
_KEPT_SECONDS = 24 * 3600
_RECONNECT = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 1000)]
_LOG = logging.getLogger(__name__)


class Outbox:
    """Publishes what the store has queued, oldest first; a topic that fails holds up no other."""

    def __init__(self, store: Store, pubsub: str) -> None:
        self._store = store
        self._pubsub = pubsub
        self._due = asyncio.Event()
        self._failing: set[str] = set()

    def announce(self) -> None:
        """Say that something was queued."""
        self._due.set()

    async def run(self) -> None:
        """Publish until cancelled."""
        async with grpc.aio.insecure_channel(self._pubsub, _RECONNECT) as channel:
            client = PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=channel))
            pause = _FIRST_PAUSE
            while True:
                self._due.clear()
                messages = self._store.messages()
                if await self._publish_all(client, messages):
                    pause = _FIRST_PAUSE
                    if not messages:
                        await self._due.wait()
                else:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE)

    async def _publish_all(self, client: Any, messages: Iterable[Message]) -> bool:
        by_topic = groupby(sorted(messages, key=lambda message: message.topic), key=lambda message: message.topic)
        return all([await self._publish(client, topic, list(batch)) for topic, batch in by_topic])

    async def _publish(self, client: Any, topic: str, messages: list[Message]) -> bool:
        bodies = [PubsubMessage(data=message.data, attributes=message.attributes) for message in messages]
        try:
            await client.publish(topic=topic, messages=bodies, retry=None, timeout=10.0)
        except GoogleAPIError as error:
            if topic not in self._failing:
                _LOG.warning("notifications for %s wait: %s", topic, error)
            self._failing.add(topic)
            self._store.drop_messages([one for one in messages if one.created < time.time() - _KEPT_SECONDS])
            return False
        self._failing.discard(topic)
        self._store.drop_messages(messages)
        return True
