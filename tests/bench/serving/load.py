"""A URL and a body in; how fast it was answered by so many connections that never pause, as JSON, out.

A process of its own: `python -m tests.bench.serving.load URL BODY --connections 32 --seconds 5`.
"""

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import cast
from urllib.parse import urlsplit

import uvloop

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Load:
    """What came of it; `errors` are answers other than 200, and connections that broke off."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    errors: int = 0


class _Connection(asyncio.Protocol):
    """Sends the request again as soon as it was answered, or when its turn comes."""

    def __init__(self, request: bytes, load: Load, pause: float) -> None:
        self._request, self._load, self._pause = request, load, pause
        self._answer, self._expected = b"", 0
        self._due = self._sent = perf_counter()
        self.stopped = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if not self._expected:
            self._expected = _length(self._answer)
        if self._expected and len(self._answer) >= self._expected:
            self._answered()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.stopped:
            self._load.errors += 1

    def _answered(self) -> None:
        now = perf_counter()
        self._load.latencies.append(now - self._sent)
        if self._answer[9:12] != b"200":
            self._load.errors += 1
        self._due += self._pause
        if self.stopped:
            return
        if self._due > now:
            asyncio.get_running_loop().call_later(self._due - now, self._send)
        else:
            self._send()

    def _send(self) -> None:
        self._answer, self._expected, self._sent = b"", 0, perf_counter()
        self._transport.write(self._request)


def _length(answer: bytes) -> int:
    """How many bytes head and body have together; 0 while the head is not there. Every contender says a length."""
    head, end, _ = answer.partition(b"\r\n\r\n")
    found = _LENGTH.search(head)
    return len(head) + len(end) + int(found[1]) if end and found else 0


def request(url: str, body: bytes, headers: Sequence[str]) -> bytes:
    """The bytes of a POST."""
    found = urlsplit(url)
    lines = [f"POST {found.path} HTTP/1.1", f"Host: {found.netloc}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join((*lines, "", "")).encode() + body


async def run(url: str, sent: bytes, connections: int, seconds: float, rate: float) -> Load:
    """Keep `connections` busy for so many seconds, all together at most `rate` times a second where that is not 0."""
    load, found, loop = Load(), urlsplit(url), asyncio.get_running_loop()
    host, port = str(found.hostname), int(found.port or 80)
    pause = connections / rate if rate else 0.0
    started = perf_counter()
    opened = [
        await loop.create_connection(lambda: _Connection(sent, load, pause), host, port) for _ in range(connections)
    ]
    await asyncio.sleep(seconds)
    load.seconds = perf_counter() - started
    for transport, protocol in opened:
        protocol.stopped = True
        transport.abort()
    return load


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("body", type=Path)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--header", action="append", default=[])
    given = parser.parse_args()
    sent = request(given.url, given.body.read_bytes(), given.header)
    load = uvloop.run(run(given.url, sent, given.connections, given.seconds, given.rate))
    json.dump(asdict(load), sys.stdout)


if __name__ == "__main__":
    main()
