"""Programs and sockets of this machine that the adapters talk to."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from tests.contract.loopback import answering

ROOT = Path(__file__).parents[3]


def eventually(read: Callable[[], Any], within: float = 30.0) -> Any:
    """What `read` returns, as soon as it is true."""
    until = time.monotonic() + within
    while not (found := read()):
        assert time.monotonic() < until, f"not true after {within} s"
        time.sleep(0.02)
    return found


@contextmanager
def running(port: int, *arguments: str, **environment: str) -> Iterator[None]:
    """A Python program that listens on `port`, ended with the block."""
    command = [sys.executable, "-m", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), **environment})

    def listening() -> bool:
        assert process.poll() is None, f"{arguments[0]} ended with {process.returncode}"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        eventually(listening, within=90)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Channel:
    """A Slack-compatible webhook that keeps what is posted, and answers 503 once everybody has left."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.status = 200
        self.url = ""

    def leave(self) -> None:
        self.status = 503


@contextmanager
def channel() -> Iterator[Channel]:
    made = Channel()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if made.status == 200:
                made.heard.append((sent["text"], sent["event_id"]))
            self.send_response(made.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with answering(Handler) as url:
        made.url = f"{url}/services/T000/B000/XXXX"
        yield made
