"""A URL, headers and a body in; the status of the HTTP/1.1 answer out.

General clients skip 102 as an interim status, but to Pub/Sub it is an acknowledgement, so this one reports it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import cast
from urllib.parse import SplitResult, urlsplit

import httptools

_MAX_IDLE = 1.0
"""Seconds; less than any server keeps an idle connection."""
_PROCESSING = 102


class HttpClient:
    """Posts over kept-alive connections; the status counts as soon as the headers are there."""

    def __init__(self) -> None:
        self._idle: defaultdict[str, list[_Connection]] = defaultdict(list)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status of the answer. OSError when there is none; redirects are not followed."""
        parts = urlsplit(url)
        connection = await self._connect(parts)
        try:
            status = await connection.send(_request(parts, headers, body))
        finally:
            if connection.reusable:
                connection.idle_since = asyncio.get_running_loop().time()
                self._idle[parts.netloc].append(connection)
            else:
                connection.close()
        return status

    def close(self) -> None:
        """Close the idle connections."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()

    async def _connect(self, url: SplitResult) -> "_Connection":
        loop = asyncio.get_running_loop()
        idle = self._idle[url.netloc]
        while idle:
            connection = idle.pop()
            if connection.reusable and loop.time() - connection.idle_since < _MAX_IDLE:
                return connection
            connection.close()
        secure = url.scheme == "https"
        port = url.port or (443 if secure else 80)
        _, connection = await loop.create_connection(_Connection, url.hostname or "", port, ssl=secure or None)
        return connection


def _request(url: SplitResult, headers: Mapping[str, str], body: bytes) -> bytes:
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    lines = [f"POST {target} HTTP/1.1", f"Host: {url.netloc.rpartition('@')[2]}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class _Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self) -> None:
        self.reusable = False
        self.idle_since = 0.0
        self._transport: asyncio.Transport
        self._parser = httptools.HttpResponseParser(self)
        self._status: asyncio.Future[int] | None = None

    async def send(self, request: bytes) -> int:
        self.reusable = False
        self._parser = httptools.HttpResponseParser(self)
        self._status = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._status

    def close(self) -> None:
        self.reusable = False
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.reusable = False
        self._fail(error or ConnectionResetError("the connection was closed before an answer"))

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(ConnectionAbortedError(f"the answer is not HTTP: {error}"))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        interim = 100 <= status < 200 and status != _PROCESSING
        if self._status and not self._status.done() and not interim:
            self._status.set_result(status)

    def on_message_complete(self) -> None:
        if self._status and self._status.done() and self._parser.get_status_code() != _PROCESSING:
            self.reusable = self._parser.should_keep_alive()

    def _fail(self, error: Exception) -> None:
        if self._status and not self._status.done():
            self._status.set_exception(error)
