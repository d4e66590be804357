"""Every topic in; every message that goes over the bus, with its attributes, out."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from google.api_core.exceptions import GoogleAPICallError
from google.pubsub_v1 import SubscriberClient
from google.pubsub_v1.types import Subscription

from headrace.adapters.subscriber import subscriber
from localcloud.stack.stack import Stack

PULL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One message as it was published."""

    topic: str
    id: str
    data: bytes
    attributes: Mapping[str, str]


Told = Callable[[Seen], None]


@contextmanager
def witnessing(stack: Stack, tell: Told, name: str = "witness") -> Iterator[None]:
    """Tell of every message of every topic, from a thread each, until the block ends."""
    where, stop = stack.settings(), threading.Event()
    client = subscriber(where.pubsub_endpoint)
    paths = {topic: f"projects/{where.project}/subscriptions/{name}-{topic}" for topic in stack.plan.topology.topics()}
    threads = [threading.Thread(target=_pull, args=(client, path, topic, tell, stop)) for topic, path in paths.items()]
    try:
        for topic, path in paths.items():
            wanted = Subscription(name=path, topic=f"projects/{where.project}/topics/{topic}")
            client.create_subscription(request=wanted)
        for thread in threads:
            thread.start()
        yield
    finally:
        stop.set()
        for path in paths.values():
            client.delete_subscription(subscription=path)
        for thread in threads:
            thread.join()
        client.transport.close()


def _pull(client: SubscriberClient, path: str, topic: str, tell: Told, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            found = client.pull(subscription=path, max_messages=100, timeout=PULL_SECONDS, retry=None).received_messages
        except GoogleAPICallError:
            continue  # nothing came in time, or the subscription is being deleted
        for each in found:
            tell(Seen(topic, each.message.message_id, each.message.data, dict(each.message.attributes)))
        if found:
            client.acknowledge(subscription=path, ack_ids=[each.ack_id for each in found])
