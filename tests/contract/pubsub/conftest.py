"""Pub/Sub servers on loopback, Google's own client for them, and HTTP receivers: what one contract suite needs."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.cloud import pubsub_v1
from google.pubsub_v1 import PublisherClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

PROJECT = "projects/local-proj"

# What Google's emulator (jar 0.8.20) does otherwise than the service: the test, and the difference. Each of these tests
# must fail on the emulator, so a difference that goes away has to leave the table.
DIFFERENCES = {
    "test_202_acknowledges_a_push": "delivers again after 202",
    "test_203_does_not_acknowledge_a_push": "takes 203 for an acknowledgement",
    "test_a_push_carries_its_delivery_attempt_when_there_is_a_dead_letter_policy": "never writes deliveryAttempt",
    "test_a_push_carries_its_ordering_key": "never writes orderingKey",
    "test_a_failed_push_is_retried_after_delays_that_double_without_a_policy": "retries once a second",
    "test_a_failed_push_is_retried_no_sooner_than_the_minimum_back_off": "retries after about a second",
    "test_a_push_with_an_oidc_token_has_a_bearer_token": "sends no Authorization header",
    "test_a_filter_selects_messages_by_their_attributes": "stores filters but delivers everything",
    "test_a_filter_applies_to_pushes": "stores filters but delivers everything",
    "test_a_filter_with_bad_syntax_is_refused": "accepts any filter",
    "test_a_refused_message_comes_again_after_the_back_off_of_a_retry_policy": "delivers it again at once",
    "test_a_push_subscription_cannot_be_pulled": "lets it be pulled",
    "test_a_streaming_client_is_given_no_more_than_it_asked_for": "streams all there is",
    "test_a_dead_letter_unblocks_its_ordering_key": "never dead-letters a pushed message with an ordering key",
    "test_an_ack_deadline_below_10_seconds_is_refused": "accepts 9 seconds",
    "test_a_message_over_the_services_limits_is_refused": "has no limits on messages and attributes",
    "test_the_labels_of_a_topic_can_be_updated": "does not implement UpdateTopic",
    "test_the_labels_of_a_subscription_can_be_updated": "cannot update labels",
    "test_twenty_slow_receivers_are_pushed_to_at_once": "has two pushes in flight per subscription",
}
_JARS = Path("/usr/lib/google-cloud-sdk/platform/pubsub-emulator/lib")
_SMALL_JVM = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if item.path.parent == Path(__file__).parent and parameters.get("backend") == "emulator":
            item.add_marker(pytest.mark.slow)
            if difference := DIFFERENCES.get(getattr(item, "originalname", "")):
                item.add_marker(pytest.mark.xfail(strict=True, reason=f"the emulator {difference}"))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Server:
    """A Pub/Sub server process that can be ended and started again on the same port."""

    def __init__(self, command: list[str], port: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while not self._answers():
            assert self._process.poll() is None, f"the server ended with {self._process.returncode}"
            assert time.monotonic() < end, f"nothing listens on {self.address}"
            time.sleep(0.02)

    def _answers(self) -> bool:
        host, port = self.address.split(":")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            return False
        return True

    def end(self, number: int = signal.SIGTERM) -> None:
        if self._process:
            self._process.send_signal(number)
            self._process.wait(timeout=20)
            self._process = None


def local_server(state: Path, *options: str) -> Server:
    port = free_port()
    command = [sys.executable, "-m", "localcloud", "pubsub", "--port", str(port), "--state", str(state), *options]
    return Server(command, port)


def emulator() -> Server:
    jar = os.environ.get("HEADRACE_PUBSUB_EMULATOR_JAR") or next(map(str, _JARS.glob("*.jar")), "")
    java = shutil.which("java")
    if not java or not jar:
        pytest.skip("Google's emulator needs Java and its jar; set HEADRACE_PUBSUB_EMULATOR_JAR to the jar's path")
    port = free_port()
    return Server([java, *_SMALL_JVM, "-jar", jar, "--host=127.0.0.1", f"--port={port}"], port)


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


@dataclass(frozen=True)
class Request:
    """One HTTP request, and when it came (monotonic seconds)."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @cached_property
    def json(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """An HTTP/1.1 server that keeps what it gets and answers the status that `answer` returns."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answer: Callable[[Request], int] = lambda _: 204
        self._arrived = threading.Condition()
        self._server = _HttpServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/push"

    def fail_once(self, status: int) -> None:
        """Answer `status` to the first request and 204 to the others."""
        self.answer = lambda _: status if len(self.requests) == 1 else 204

    def always(self, status: int) -> None:
        """Answer `status`."""
        self.answer = lambda _: status

    def take(self, request: Request) -> int:
        with self._arrived:
            self.requests.append(request)
            self._arrived.notify_all()
        return self.answer(request)

    def wait_for(self, count: int, seconds: float = 20, within: str = "") -> list[Request]:
        """The first `count` requests whose paths have `within` in them."""

        def found() -> list[Request]:
            return [request for request in self.requests if within in request.path]

        with self._arrived:
            came = self._arrived.wait_for(lambda: len(found()) >= count, seconds)
        assert came, f"{len(found())} of {count} requests came within {seconds} s"
        return found()[:count]

    def quiet(self, seconds: float) -> bool:
        """Whether nothing comes for so long."""
        with self._arrived:
            before = len(self.requests)
            return not self._arrived.wait_for(lambda: len(self.requests) > before, seconds)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = receiver.take(Request(self.path, headers, body))
            try:
                self.send_response(status)
                if status >= 200 and status != 204:
                    self.send_header("Content-Length", "0")
                self.end_headers()
            except ConnectionError:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@pytest.fixture(scope="session", params=["localcloud", "emulator"])
def backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server under test: this project's, then Google's."""
    local = request.param == "localcloud"
    server = local_server(tmp_path_factory.mktemp("pubsub")) if local else emulator()
    server.start()
    try:
        yield server
    finally:
        server.end()


@pytest.fixture(scope="session")
def client(backend: Server) -> Iterator[Client]:
    """A client of the server under test."""
    client = Client(backend.address)
    try:
        yield client
    finally:
        client.close()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts local servers that a test may kill; options as on the command line."""
    servers = list[Server]()

    def start(*options: str) -> Server:
        servers.append(local_server(tmp_path / "state", *options))
        servers[-1].start()
        return servers[-1]

    try:
        yield start
    finally:
        for server in servers:
            server.end(signal.SIGKILL)


@pytest.fixture
def client_of() -> Iterator[Callable[[Server], Client]]:
    """Makes clients of servers that a test has of its own."""
    clients = list[Client]()

    def connect(server: Server) -> Client:
        clients.append(Client(server.address))
        return clients[-1]

    try:
        yield connect
    finally:
        for client in clients:
            client.close()


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a local server, for what only that promises."""
    server = local_server(tmp_path_factory.mktemp("local"))
    server.start()
    client = Client(server.address)
    try:
        yield client
    finally:
        client.close()
        server.end()


@pytest.fixture(scope="session")
def sink() -> Iterator[Receiver]:
    """Takes uploads as the Cloud Storage JSON API does."""
    receiver = Receiver()
    receiver.answer = lambda _: 200
    try:
        yield receiver
    finally:
        receiver.close()


@pytest.fixture(scope="session")
def exporting(tmp_path_factory: pytest.TempPathFactory, sink: Receiver) -> Iterator[Client]:
    """A client of a local server that writes to the sink."""
    server = local_server(tmp_path_factory.mktemp("exporting"), "--storage-endpoint", sink.url.removesuffix("/push"))
    server.start()
    client = Client(server.address)
    try:
        yield client
    finally:
        client.close()
        server.end()


@pytest.fixture
def receivers() -> Iterator[Callable[[], Receiver]]:
    """Makes HTTP receivers."""
    made = list[Receiver]()

    def make() -> Receiver:
        made.append(Receiver())
        return made[-1]

    try:
        yield make
    finally:
        for receiver in made:
            receiver.close()


@pytest.fixture
def receiver(receivers: Callable[[], Receiver]) -> Receiver:
    """One HTTP receiver."""
    return receivers()
