"""A workload in; its events as they are published, through pull subscriptions that live as long as the block, out."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from uuid import uuid4

from google.api_core.exceptions import GoogleAPICallError
from google.pubsub_v1 import SubscriberClient
from google.pubsub_v1.types import Subscription

from headrace.adapters.subscriber import subscriber
from headrace.bus.envelope import Received, unseal_attributes
from headrace.errors import Rejected, Unavailable
from headrace.events import EVENTS

PULL_SECONDS = 5.0


class Followed:
    """Events that have come and were not taken yet."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Received] = SimpleQueue()

    def put(self, received: Received) -> None:
        """One more."""
        self._queue.put(received)

    def take(self, seconds: float) -> Iterator[Received]:
        """What has come, after waiting up to `seconds` for the first."""
        try:
            yield self._queue.get(timeout=seconds)
            while True:
                yield self._queue.get_nowait()
        except Empty:
            return


@contextmanager
def follow(project: str, endpoint: str, workload: str) -> Iterator[Followed]:
    """Everything told of `workload` from now on."""
    client, followed, stop = subscriber(endpoint), Followed(), threading.Event()
    run = uuid4().hex[:8]
    names = {
        event.topic(): f"projects/{project}/subscriptions/follow-{event.topic()}-{run}" for event in EVENTS.values()
    }
    threads = [threading.Thread(target=_pull, args=(client, name, followed, stop)) for name in names.values()]
    try:
        for topic, name in names.items():
            _subscribe(client, _wanted(project, topic, name, workload))
        for thread in threads:
            thread.start()
        yield followed
    finally:
        stop.set()
        for name in names.values():
            with suppress(GoogleAPICallError):  # never made, or Pub/Sub is gone: the service forgets it in a month
                client.delete_subscription(subscription=name, timeout=PULL_SECONDS, retry=None)
        for thread in threads:
            if thread.is_alive():
                thread.join()
        client.transport.close()


def _subscribe(client: SubscriberClient, wanted: Subscription) -> None:
    try:
        client.create_subscription(request=wanted)
    except GoogleAPICallError as error:
        raise Unavailable(f"{wanted.topic} cannot be followed: {error}") from error


def _wanted(project: str, topic: str, name: str, workload: str) -> Subscription:
    topic_name = f"projects/{project}/topics/{topic}"
    return Subscription(name=name, topic=topic_name, filter=f'attributes.workload = "{workload}"')


def _pull(client: SubscriberClient, name: str, followed: Followed, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            answer = client.pull(subscription=name, max_messages=100, timeout=PULL_SECONDS, retry=None)
        except GoogleAPICallError:
            continue  # nothing came in time, or the subscription is being deleted
        for message in answer.received_messages:
            with suppress(Rejected):
                followed.put(unseal_attributes(dict(message.message.attributes), message.message.data))
        if answer.received_messages:
            client.acknowledge(subscription=name, ack_ids=[each.ack_id for each in answer.received_messages])
