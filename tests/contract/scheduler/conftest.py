"""A real Scheduler, and a real HTTP receiver on loopback that it calls."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

PARENT = "projects/local-proj/locations/us-central1"


@dataclass(frozen=True)
class Call:
    """One request that came."""

    at: float
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers with `statuses` one after another, then 200; each answer after `delay` seconds."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    delay: float = 0.0
    at_once: int = 0
    most_at_once: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/tick"


class Scheduler:
    """A server on a state folder of its own, which can be killed and started again."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.port = _free_port()
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--port", str(self.port), "--state", str(self.state)]
        self._server = subprocess.Popen([sys.executable, "-m", "localcloud", "scheduler", *options])
        eventually(lambda: _listens(self.port), within=20)

    def end(self, number: int = signal.SIGTERM) -> None:
        if self._server is not None:
            self._server.send_signal(number)
            self._server.wait(timeout=20)
            self._server = None

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of a request to `/v1/{PARENT}/{path}`."""
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}/v1/{PARENT}/{path}"
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def create(self, job: str, uri: str, schedule: str = "0 3 1 1 *", **fields: Any) -> Any:
        target = {"uri": uri, **fields.pop("httpTarget", {})}
        body = {"name": f"{PARENT}/jobs/{job}", "schedule": schedule, "httpTarget": target, **fields}
        status, answer = self.call("POST", "jobs", body)
        assert status == 200, answer
        return answer

    def get(self, job: str) -> Any:
        return self.call("GET", f"jobs/{job}")[1]


def eventually(read: Callable[[], Any], holds: Callable[[Any], Any] = bool, within: float = 10.0) -> Any:
    """What `read` returns, as soon as it holds."""
    until = time.monotonic() + within
    while not holds(found := read()):
        assert time.monotonic() < until, f"still {found!r} after {within} s"
        time.sleep(0.01)
    return found


@pytest.fixture(name="eventually")
def eventually_fixture() -> Callable[..., Any]:
    return eventually


@pytest.fixture(scope="session")
def shared_scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheduler]:
    server = Scheduler(tmp_path_factory.mktemp("scheduler"))
    try:
        server.start()
        yield server
    finally:
        server.end()


@pytest.fixture
def scheduler(shared_scheduler: Scheduler) -> Iterator[Scheduler]:
    """A server without jobs."""
    yield shared_scheduler
    for job in shared_scheduler.call("GET", "jobs")[1]["jobs"]:
        shared_scheduler.call("DELETE", f"jobs/{job['name'].rpartition('/')[2]}")


@pytest.fixture
def own_scheduler(tmp_path: Path) -> Iterator[Scheduler]:
    """A server that the test may kill."""
    server = Scheduler(tmp_path / "scheduler")
    try:
        server.start()
        yield server
    finally:
        server.end(signal.SIGKILL)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(found))
    server.daemon_threads = True
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            receiver.at_once += 1
            receiver.most_at_once = max(receiver.most_at_once, receiver.at_once)
            receiver.calls.append(Call(time.time(), self.command, self.path, dict(self.headers), body))
            time.sleep(receiver.delay)
            receiver.at_once -= 1
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_PUT = do_POST  # noqa: N815

        def log_message(self, *_: Any) -> None:
            return

    return Handler


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
