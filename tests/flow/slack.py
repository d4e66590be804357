"""A loopback webhook: every message that people got, by the event it is about; it can refuse, or be slow."""

import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.flow.waiting import PATIENCE


class Slack:
    """What was posted, and where to post it."""

    def __init__(self) -> None:
        self.url = ""
        self.messages: list[tuple[str, str]] = []
        self.refusals = 0
        self.awake = threading.Event()
        self.awake.set()

    def told(self) -> Counter[str]:
        """How often people were told of each event id."""
        return Counter(event for event, _ in self.messages)

    def take(self, event: str, text: str) -> int:
        """The status with which a message is answered."""
        if self.refusals:
            self.refusals -= 1
            return 503
        self.messages.append((event, text))
        return 200

    def texts(self, event: str) -> list[str]:
        """What people were told of one event id."""
        return [text for told, text in self.messages if told == event]


@contextmanager
def receiving() -> Iterator[Slack]:
    """A webhook for as long as the block lasts."""
    slack = Slack()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            slack.awake.wait(PATIENCE)
            if self.hung_up():
                return
            self.send_response(slack.take(body["event_id"], body["text"]))
            self.send_header("content-length", "0")
            self.end_headers()

        def hung_up(self) -> bool:
            """Whether the sender is gone, so that the message was never taken."""
            try:
                return not self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            except BlockingIOError:
                return False
            except ConnectionError:
                return True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Who posts here may be killed while it does."""

    with Server(("127.0.0.1", 0), Handler) as server:
        slack.url = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield slack
        finally:
            slack.awake.set()
            server.shutdown()
            thread.join()
