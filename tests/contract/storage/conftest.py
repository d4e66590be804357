"""A real storage server, Google's client of it, and receivers of its events, all on the loopback interface."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

# gcsfs asks Google's gRPC endpoint for a bucket's layout otherwise; read when gcsfs is imported.
os.environ.setdefault("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")

import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage as gcs


class Storage:
    """A server on a state folder of its own, which can be killed and started again, and clients of it."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.triggers: list[str] = []
        self._server: subprocess.Popen[bytes] | None = None
        self._clients: list[Any] = []

    def start(self) -> None:
        command = [sys.executable, "-m", "localcloud", "storage", "--port", str(self.port), "--state", str(self.state)]
        self._server = subprocess.Popen([*command, *(f"--trigger={trigger}" for trigger in self.triggers)])
        eventually(self._listening, within=20)

    def end(self, number: int = signal.SIGTERM) -> int:
        if self._server is None:
            return 0
        self._server.send_signal(number)
        code = self._server.wait(timeout=20)
        self._server = None
        return code

    def close(self) -> None:
        for client in self._clients:
            client.close()
        self.end()

    def kill(self) -> None:
        self.end(signal.SIGKILL)

    def client(self) -> Any:
        client = gcs.Client(
            project="local-proj", credentials=AnonymousCredentials(), client_options={"api_endpoint": self.url}
        )
        self._clients.append(client)
        return client

    def http(self) -> requests.Session:
        session = requests.Session()
        self._clients.append(session)
        return session

    def peak_memory(self) -> int:
        """Bytes of the largest resident set since the start."""
        assert self._server is not None
        status = Path(f"/proc/{self._server.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) * 1024

    def blob_files(self) -> list[Path]:
        return list((self.state / "blobs").iterdir())

    def _listening(self) -> bool:
        assert self._server is not None
        assert self._server.poll() is None, f"the server ended with {self._server.returncode}"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Delivery(NamedTuple):
    """One POST: when it arrived (`time.time()`), its headers in lower case, and its body."""

    at: float
    headers: dict[str, str]
    body: bytes


class Receiver:
    """An HTTP endpoint that keeps what it is sent; `answer` decides the status of each delivery."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.answer: Callable[[Delivery], int] = lambda _: 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                at = time.time()
                body = self.rfile.read(int(self.headers["content-length"]))
                delivery = Delivery(at, {name.lower(): value for name, value in self.headers.items()}, body)
                receiver.deliveries.append(delivery)
                self.send_response(receiver.answer(delivery))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """The storage server may be killed while it waits for an answer."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def subjects(self) -> list[str]:
        return [delivery.headers["ce-subject"] for delivery in self.deliveries]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(holds: Callable[[], Any], within: float = 10.0) -> Any:
    """What `holds` returns, as soon as it is true."""
    until = time.monotonic() + within
    while not (found := holds()):
        assert time.monotonic() < until, f"not true after {within} s"
        time.sleep(0.005)
    return found


@pytest.fixture(name="eventually")
def eventually_fixture() -> Callable[..., Any]:
    return eventually


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """One server for every test that does not need its own."""
    server = Storage(tmp_path_factory.mktemp("storage"))
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def client(storage: Storage) -> Any:
    return storage.client()


@pytest.fixture(scope="session")
def http(storage: Storage) -> requests.Session:
    return storage.http()


@pytest.fixture
def bucket(client: Any) -> Any:
    """A new, empty bucket."""
    return client.create_bucket(f"b-{uuid4().hex}")


@pytest.fixture
def own_storage(tmp_path: Path) -> Iterator[Storage]:
    """A server of the test's own, not started yet."""
    server = Storage(tmp_path / "state")
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def receivers() -> Iterator[Callable[[], Receiver]]:
    """Make receivers that are closed at the end."""
    made: list[Receiver] = []

    def receiver() -> Receiver:
        made.append(Receiver())
        return made[-1]

    try:
        yield receiver
    finally:
        for one in made:
            one.close()
