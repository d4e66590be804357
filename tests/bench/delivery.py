"""A running stack in; the time from publishing an event to its handler's first line out."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import grpc
import requests
from google.pubsub_v1 import SubscriberClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from google.pubsub_v1.types import PushConfig, Subscription

from headrace.bus import runtime
from headrace.events import DriftChecked
from headrace.wiring import GoogleCloud
from localcloud.stack.addresses import allot
from localcloud.stack.stack import ROOT, Stack
from localcloud.stack.supervise import Program, Supervised, stop_all

EVENTS = 200
PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 180


def seconds(stack: Stack, platform: GoogleCloud) -> float:
    """The median over single events, one after the other, to a warm deployable."""
    with TemporaryDirectory() as folder:
        notes = Path(folder) / "notes"
        notes.touch()
        with _probe(stack, Path(folder)):
            _publish(platform, notes, "warm-up")
            until(notes.read_text)
            sent = {}
            for number in map(str, range(EVENTS)):
                sent[number] = time.time()
                _publish(platform, notes, number)
                time.sleep(PAUSE_SECONDS)
            until(lambda: len(notes.read_text().splitlines()) > EVENTS)
        arrived = dict(line.split() for line in notes.read_text().splitlines())
    return median(float(arrived[number]) - at for number, at in sent.items())


def until(condition: Callable[[], object]) -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {PATIENCE_SECONDS} s in vain")
        time.sleep(0.005)


def _publish(platform: GoogleCloud, notes: Path, check: str) -> None:
    fact = DriftChecked(workload="loan_default", check=check, version=0, rows=0, outcome=str(notes))
    runtime.publish(fact, platform)


@contextmanager
def _probe(stack: Stack, folder: Path) -> Iterator[None]:
    """A deployable like the others that notes when it was called, and its subscription."""
    port = allot(["probe"], folder)["probe"]
    like = stack.processes["notify"].program
    command = [sys.executable, *like.command[1:]]
    command[command.index("--source") + 1] = str(ROOT / "tests" / "bench" / "probe" / "main.py")
    command[command.index("--port") + 1] = str(port)
    probe = Supervised(Program("probe", command, like.environment, ROOT, folder / "probe.log"))
    probe.start()
    try:
        until(lambda: _answers(port))
        with _subscription(stack, f"http://127.0.0.1:{port}/"):
            yield
    finally:
        stop_all([probe])


@contextmanager
def _subscription(stack: Stack, endpoint: str) -> Iterator[None]:
    project = f"projects/{stack.settings().project}"
    wanted = Subscription(
        name=f"{project}/subscriptions/bench-probe",
        topic=f"{project}/topics/{DriftChecked.topic()}",
        push_config=PushConfig(push_endpoint=endpoint),
    )
    with grpc.insecure_channel(stack.plan.address("pubsub")) as channel:
        client = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        client.create_subscription(request=wanted)
        yield
        client.delete_subscription(subscription=wanted.name)


def _answers(port: int) -> bool:
    try:
        requests.get(f"http://127.0.0.1:{port}/", timeout=1)
    except requests.ConnectionError:
        return False
    return True
