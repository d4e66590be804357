"""A multipart/related body in; its metadata and the stream of its media out."""

import json
from collections.abc import AsyncIterator
from email.message import Message

from localcloud.storage.errors import invalid
from localcloud.storage.records import JSON

_MAX_HEAD = 1024 * 1024  # bytes of metadata and part headers


class MultipartRelated:
    """Two parts, JSON metadata and then media, read once and in that order; the media is never held whole.

    Lines may end in CRLF or, as some clients send them, in LF; the first line tells which.
    """

    def __init__(self, content_type: str, chunks: AsyncIterator[bytes]) -> None:
        self._boundary = f"--{_parameter(content_type, 'boundary')}".encode()
        self._chunks = chunks
        self._buffer = b""

    async def head(self) -> tuple[JSON, str | None]:
        """The metadata, and the media's content type when its part names one."""
        await self._until(self._boundary)
        newline = b"\r\n" if (await self._until(b"\n")).endswith(b"\r") else b"\n"
        self._delimiter = newline + self._boundary
        await self._until(newline * 2, or_at=newline)
        metadata = await self._until(self._delimiter)
        await self._until(newline)
        headers = await self._until(newline * 2, or_at=newline)
        return _object(metadata), _content_type(headers)

    async def media(self) -> AsyncIterator[bytes]:
        """The media's bytes; 400 when the body ends before its closing boundary."""
        keep = len(self._delimiter) - 1
        while (end := self._buffer.find(self._delimiter)) < 0:
            if len(self._buffer) > keep:
                yield self._buffer[:-keep]
                self._buffer = self._buffer[-keep:]
            await self._more()
        yield self._buffer[:end]
        async for _ in self._chunks:
            pass

    async def _until(self, mark: bytes, *, or_at: bytes | None = None) -> bytes:
        """The bytes before `mark`; a part without headers begins with `or_at` at once."""
        while True:
            if or_at and self._buffer.startswith(or_at):
                self._buffer = self._buffer[len(or_at) :]
                return b""
            before, found, after = self._buffer.partition(mark)
            if found:
                self._buffer = after
                return before
            if len(self._buffer) > _MAX_HEAD:
                raise invalid(f"the multipart body has more than {_MAX_HEAD} bytes before its media")
            await self._more()

    async def _more(self) -> None:
        chunk = await anext(self._chunks, None)
        if chunk is None:
            raise invalid(f"the multipart body ends without its boundary {self._boundary.decode()!r}")
        self._buffer += chunk


def _object(metadata: bytes) -> JSON:
    try:
        parsed = json.loads(metadata or b"{}")
    except ValueError as error:
        raise invalid(f"the first part of the multipart body is not JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise invalid("the first part of the multipart body is not a JSON object")
    return parsed


def _content_type(headers: bytes) -> str | None:
    for line in headers.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-type":
            return value.strip()
    return None


def _parameter(content_type: str, name: str) -> str:
    message = Message()
    message["content-type"] = content_type
    value = message.get_param(name)
    if not isinstance(value, str) or not value:
        raise invalid(f"the Content-Type {content_type!r} has no {name}")
    return value
