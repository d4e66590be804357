"""A door to a server that counts what comes in through it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

BLOCK = 1 << 16


class Meter:
    """Bytes that clients have sent so far, with all their headers, to the server behind `url`."""

    def __init__(self) -> None:
        self.url = ""
        self.sent = 0

    @contextmanager
    def running(self, behind: int) -> Iterator["Meter"]:
        """Listen, and pass everything on to the port `behind`, until the block ends."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            threading.Thread(target=self._accept, args=(listener, behind), daemon=True).start()
            yield self
            listener.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket, behind: int) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", behind))
                threading.Thread(target=self._pass_on, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(server, client, False), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with suppress(OSError), source:
            while block := source.recv(BLOCK):
                self.sent += len(block) * counted
                target.sendall(block)
            target.shutdown(socket.SHUT_WR)
