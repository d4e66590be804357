"""An ASGI scope in; a request with its id, its trace and a bounded body out."""

import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from headrace import tracing
from headrace.tracing import Trace
from services.inference.answers import Answer, Refused

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_REQUEST_ID = re.compile(rb"[!-~]{1,128}")


class Disconnected(Exception):
    """The client went away before its request was complete."""


class Request:
    """One request. The client's `x-request-id` and `traceparent` are kept where they are well formed."""

    __slots__ = ("_length", "_receive", "id", "trace")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        given = parent = None
        self._receive, self._length = receive, 0
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                given = value
            elif name == b"traceparent":
                parent = value
            elif name == b"content-length":
                self._length = int(value)
        self.id: str = given.decode() if given and _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
        self.trace: Trace = tracing.parse(parent.decode("latin-1")).child() if parent else tracing.parse(None)

    async def body(self, limit: int) -> bytes:
        """The whole body. Raises Refused beyond `limit` bytes, whatever length was announced."""
        if self._length > limit:
            raise _too_large(limit)
        message = await self._receive()
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            body = await self._rest(bytearray(body), limit)
        elif message["type"] == "http.disconnect":
            raise Disconnected
        if len(body) > limit:
            raise _too_large(limit)
        return body

    async def _rest(self, body: bytearray, limit: int) -> bytes:
        more = True
        while more:
            if len(body) > limit:
                raise _too_large(limit)
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            body += message.get("body", b"")
            more = message.get("more_body", False)
        return bytes(body)


Handler = Callable[[Request], Awaitable[Answer]]


def _too_large(limit: int) -> Refused:
    return Refused(413, f"the body is larger than the {limit} bytes allowed; send fewer rows a request")
