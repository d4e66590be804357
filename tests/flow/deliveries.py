"""Messages, uploads and webhooks in; the requests that deliver them, and those requests sent again and again, out."""

import hmac
import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from uuid import uuid4

import requests

from headrace.bus.envelope import DUE, FINALIZED
from localcloud.stack import secrets
from localcloud.stack.stack import Stack
from tests.flow.waiting import eventually
from tests.flow.witness import Seen

TIMES = 5
AT_ONCE = 15


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    def send(self) -> int:
        """Deliver, and return the status."""
        return requests.post(self.url, data=self.body, headers=dict(self.headers), timeout=60).status_code

    def until_taken(self) -> None:
        """Deliver as Pub/Sub and Eventarc do: again, until it is acknowledged."""
        eventually(lambda: self.send() // 100 == 2, f"{self.url} to take {self.body[:200]!r}")


def pushes(stack: Stack, message: Seen) -> list[Delivery]:
    """The message as a wrapped push to every listener of its topic."""
    body = {
        "message": {
            "data": b64encode(message.data).decode(),
            "messageId": message.id,
            "attributes": message.attributes,
        },
        "subscription": "projects/any/subscriptions/other",
    }
    listeners = [each for each in stack.plan.topology.subscriptions() if each.topic == message.topic]
    headers = {"content-type": "application/json"}
    return [
        Delivery(stack.url(each.listener) + each.deployable.path, headers, json.dumps(body).encode())
        for each in listeners
    ]


def finalized(stack: Stack, bucket: str, name: str) -> Delivery:
    """The upload's event as Eventarc delivers it to ingest."""
    resource = requests.get(f"{stack.url('storage')}/storage/v1/b/{bucket}/o/{name.replace('/', '%2F')}", timeout=10)
    context = {
        "id": uuid4().hex,
        "type": FINALIZED,
        "source": f"//storage.googleapis.com/projects/_/buckets/{bucket}",
        "subject": f"objects/{name}",
        "specversion": "1.0",
    }
    return Delivery(stack.url("ingest"), _binary(context), resource.content)


def due(stack: Stack, deployable: str) -> Delivery:
    """A schedule as Cloud Scheduler delivers it."""
    context = {
        "id": f"schedule-{deployable}",
        "type": DUE,
        "source": "//cloudscheduler.googleapis.com/headrace",
        "subject": deployable,
        "specversion": "1.0",
    }
    return Delivery(stack.url(deployable), _binary(context), b"{}")


def webhook(stack: Stack, entity: str, action: str, data: Mapping[str, object]) -> Delivery:
    """A delivery of MLflow's to the registry hook, signed with the secret of this stack."""
    event = {"entity": entity, "action": action, "timestamp": "2024-01-01T00:00:00Z", "data": data}
    body = json.dumps(event).encode()
    delivery, timestamp = str(uuid4()), str(int(time.time()))
    secret = secrets.load(stack.plan.state)["HEADRACE_WEBHOOK_SECRET"]
    digest = hmac.digest(secret.encode(), f"{delivery}.{timestamp}.".encode() + body, sha256)
    headers = {
        "content-type": "application/json",
        "X-MLflow-Delivery-Id": delivery,
        "X-MLflow-Timestamp": timestamp,
        "X-MLflow-Signature": "v1," + b64encode(digest).decode(),
    }
    return Delivery(stack.url("registry_hook"), headers, body)


def five_times_shuffled(deliveries: Iterable[Delivery], seed: int = 0) -> None:
    """Every delivery five times, many at once, in an order of no meaning, each until it is taken."""
    many = [each for each in deliveries for _ in range(TIMES)]
    Random(seed).shuffle(many)
    at_once([each.until_taken for each in many])


def at_once(calls: Sequence[Callable[[], object]]) -> None:
    """Make all calls from many threads, and raise what one of them raised."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for done in [threads.submit(call) for call in calls]:
            done.result()


def _binary(context: Mapping[str, str]) -> dict[str, str]:
    return {"content-type": "application/json"} | {f"ce-{name}": value for name, value in context.items()}
