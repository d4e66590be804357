"""Connections on one port in; each of them, by how its client begins, joined to the gRPC or the HTTP/1.1 server out."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Coroutine
from contextlib import suppress
from socket import socket
from typing import Any

HTTP2 = b"PRI"
"""How every HTTP/2 client begins; no method of HTTP/1.1 does."""

_CHUNK = 1 << 16


class FrontDoor:
    """Listens for both protocols, as Google's emulator does; the servers behind have loopback ports of their own."""

    def __init__(self, grpc_port: int, http_port: int) -> None:
        self._grpc, self._http = grpc_port, http_port
        self._inside: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Server | None = None

    async def open(self, listener: socket) -> None:
        """Listen where `listener` is bound."""
        self._listening = await asyncio.start_server(self._enter, sock=listener)

    def shut(self) -> None:
        """Let nobody else in."""
        if self._listening:
            self._listening.close()

    async def empty(self) -> None:
        """Break off the connections that are left."""
        for task in self._inside:
            task.cancel()
        await asyncio.gather(*self._inside, return_exceptions=True)

    def _enter(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.ensure_future(self._join(reader, writer))
        self._inside.add(task)
        task.add_done_callback(self._inside.discard)

    async def _join(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, OSError):  # whoever only looks whether the port is open says nothing
            try:
                first = await reader.readexactly(len(HTTP2))
                port = self._grpc if first == HTTP2 else self._http
                answers, requests = await asyncio.open_connection("127.0.0.1", port)
                requests.write(first)
                await _until_one_ends(_pump(reader, requests), _pump(answers, writer))
            finally:
                writer.close()


async def _until_one_ends(*pumps: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.ensure_future(pump) for pump in pumps]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(source: StreamReader, sink: StreamWriter) -> None:
    try:
        while data := await source.read(_CHUNK):
            sink.write(data)
            await sink.drain()
    finally:
        sink.close()
