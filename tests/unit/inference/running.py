"""A service on a real socket, and the calls that the tests make on it."""

import json
import socket
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Over
from threading import Thread
from typing import Any

import requests
import uvicorn

from headrace import tracing
from headrace.bus.envelope import seal, unseal_attributes
from headrace.events import Event
from headrace.ports import Message
from services.inference.main import configured
from services.inference.service import Inference
from services.inference.web.app import Application

from .fakes import FakeBus, FakeClock


class Client:
    """Calls one service."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.url + path, timeout=10)

    def post(self, path: str, value: Any, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.session.post(self.url + path, data=body, headers=named, timeout=10)

    def version(self) -> int:
        """The version that answers now."""
        return int(self.post("/models/tiny/predict", {"a": 0, "b": 0}).json()["version"])

    def push(self, event: Event) -> requests.Response:
        """Deliver an event as Pub/Sub pushes it."""
        return self.post("/events", pushed(seal(event, "test", FakeClock().now(), tracing.parse(None))))


@contextmanager
def serving(service: Callable[[], Inference]) -> Iterator[Client]:
    """The service behind uvicorn, set up as in production, on a free port of 127.0.0.1."""
    listener = socket.create_server(("127.0.0.1", 0))
    client = Client(f"http://127.0.0.1:{listener.getsockname()[1]}")
    server = uvicorn.Server(configured(Application(service), "127.0.0.1", 0))
    thread = Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        until(lambda: server.started)
        yield client
    finally:
        client.session.close()
        server.should_exit = True
        thread.join(10)
        listener.close()


def pushed(message: Message) -> dict[str, Any]:
    """A wrapped Pub/Sub push."""
    wrapped = {"data": b64encode(message.data).decode(), "attributes": dict(message.attributes), "messageId": "1"}
    return {"message": wrapped, "subscription": "projects/p/subscriptions/s"}


def until(holds: Callable[[], Any], seconds: float = 10) -> None:
    """Wait until `holds`."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def lines(bus: FakeBus, topic: str) -> list[dict[str, Any]]:
    """Every line published to a topic, in order."""
    found = [message.data.split(b"\n") for message in bus.messages if message.topic == topic]
    return [json.loads(line) for part in found for line in part]


def announced(bus: FakeBus) -> list[Event]:
    """Every event published, in order."""
    events = [message for message in bus.messages if "ce-id" in message.attributes]
    facts = [unseal_attributes(message.attributes, message.data).fact for message in events]
    return [fact for fact in facts if isinstance(fact, Event)]


class Callers:
    """What clients that keep calling were answered: how many times each, and what was wrong."""

    def __init__(self, number: int) -> None:
        self.counts = [0] * number
        self.wrong: list[str] = []
        self._over = Over()

    def call(self, url: str, caller: int) -> None:
        """Ask until it is over; an answer is right when it is that of the version it names."""
        mine = Client(url)
        while not self._over.is_set():
            answer = mine.post("/predict", {"a": 1, "b": 2, "secret": "s"}, x_sticky_key=f"caller {caller}")
            if not answer.ok or answer.json()["score"] != 3 + 1000 * answer.json()["version"]:
                self.wrong.append(answer.text)
            self.counts[caller] += 1
        mine.session.close()

    def stop(self) -> None:
        """Ask no more."""
        self._over.set()


@contextmanager
def calling(client: Client, number: int = 4) -> Iterator[Callers]:
    """So many clients that keep calling a service once it is ready."""
    until(lambda: client.get("/ready").ok)
    callers = Callers(number)
    threads = [Thread(target=callers.call, args=(client.url, caller)) for caller in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield callers
    finally:
        callers.stop()
        for thread in threads:
            thread.join(10)
