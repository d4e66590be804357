"""An HTTP/1.1 server that keeps what it gets and answers what a test wants."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


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

    def settled(self) -> int:
        """How many requests came in all, once what was sent by a server that is now dead has been read."""
        while not self.quiet(0.3):
            pass
        return len(self.requests)

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
