"""Google's own Pub/Sub client on a server, with names that nobody else uses."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from google.cloud import pubsub_v1
from google.pubsub_v1 import PublisherClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

PROJECT = "projects/local-proj"


class Client:
    """Google's publisher and subscriber on one server; topics and subscriptions get names nobody else has."""

    def __init__(self, address: str) -> None:
        self.address = address
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PUBSUB_EMULATOR_HOST", address)
            options = pubsub_v1.types.PublisherOptions(enable_message_ordering=True)
            self.publisher = pubsub_v1.PublisherClient(publisher_options=options)
            self.subscriber = pubsub_v1.SubscriberClient()
        self._plain = PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(address)))

    def close(self) -> None:
        self._plain.transport.close()
        self.publisher.stop()
        self.publisher.transport.close()
        self.subscriber.close()

    def name(self, kind: str) -> str:
        return f"{PROJECT}/{kind}/t{uuid.uuid4().hex[:12]}"

    def topic(self) -> str:
        name: str = self.publisher.create_topic(name=self.name("topics")).name
        return name

    def subscription(self, topic: str, **fields: Any) -> str:
        request = {"name": self.name("subscriptions"), "topic": topic, **fields}
        name: str = self.subscriber.create_subscription(request=request).name
        return name

    def push(self, topic: str, endpoint: str, push_config: Mapping[str, Any] | None = None, **fields: Any) -> str:
        return self.subscription(topic, push_config={"push_endpoint": endpoint, **(push_config or {})}, **fields)

    def publish(self, topic: str, data: bytes, ordering_key: str = "", **attributes: str) -> str:
        """The message's id."""
        message_id: str = self.publisher.publish(topic, data, ordering_key, **attributes).result(timeout=20)
        return message_id

    def publish_all(self, topic: str, messages: list[Any]) -> list[str]:
        """The ids of messages published in one request, as they are: the other publisher checks and batches first."""
        return list(self._plain.publish(topic=topic, messages=messages).message_ids)

    def pull(self, subscription: str, count: int = 1, seconds: float = 20) -> list[Any]:
        """`count` messages, in as many pulls as it takes."""
        end, found = time.monotonic() + seconds, list[Any]()
        while len(found) < count and time.monotonic() < end:
            found += self.pull_now(subscription, count - len(found))
            time.sleep(0.01 if found else 0.03)
        assert len(found) == count, f"{len(found)} of {count} messages came within {seconds} s"
        return found

    def pull_now(self, subscription: str, most: int = 1000) -> list[Any]:
        """What is there without waiting."""
        request = {"subscription": subscription, "max_messages": most, "return_immediately": True}
        with pytest.warns(DeprecationWarning, match="return_immediately"):
            return list(self.subscriber.pull(request=request).received_messages)

    @contextmanager
    def streaming(self, subscription: str, callback: Callable[[Any], None], **options: Any) -> Iterator[None]:
        """A streaming pull for as long as the block runs."""
        stream = self.subscriber.subscribe(subscription, callback, **options)
        try:
            yield
        finally:
            stream.cancel()
            stream.result(timeout=20)

    def acknowledge(self, subscription: str, *received: Any) -> None:
        self.subscriber.acknowledge(subscription=subscription, ack_ids=[one.ack_id for one in received])

    def refuse(self, subscription: str, *received: Any) -> None:
        ack_ids = [one.ack_id for one in received]
        self.subscriber.modify_ack_deadline(subscription=subscription, ack_ids=ack_ids, ack_deadline_seconds=0)
