"""An ASGI scope in; a request with its id, its trace, its deadline and a bounded body out."""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from time import monotonic
from typing import Any

from headrace import tracing
from headrace.tracing import Trace
from services.inference.web.answers import Answer, Refused

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_REQUEST_ID = re.compile(rb"[!-~]{1,128}")
_TIMEOUT = re.compile(rb"\d{1,8}(\.\d{1,6})?")
_GRPC_TIMEOUT = re.compile(rb"(\d{1,8})([HMSmun])")
_UNITS = {b"H": 3600.0, b"M": 60.0, b"S": 1.0, b"m": 1e-3, b"u": 1e-6, b"n": 1e-9}


class Disconnected(Exception):
    """The client went away before it was answered."""


class Request:
    """One request. The client's `x-request-id` and `traceparent` are kept where they are well formed.

    `caller` is the name of the key that it came with; `arrived` is in monotonic seconds.
    """

    __slots__ = ("_length", "_receive", "arrived", "caller", "headers", "id", "method", "path", "query", "trace")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.arrived = monotonic()
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        self.headers: Mapping[bytes, bytes] = dict(scope["headers"])
        self.caller = ""
        self._receive = receive
        self._length = int(self.headers.get(b"content-length", 0))
        given, parent = self.headers.get(b"x-request-id"), self.headers.get(b"traceparent")
        self.id: str = given.decode() if given and _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
        self.trace: Trace = tracing.parse(parent.decode("latin-1")).child() if parent else tracing.parse(None)

    @property
    def content_type(self) -> str:
        """The media type of the body, lower case, without parameters; empty when the client names none."""
        given = self.headers.get(b"content-type", b"")
        return given.partition(b";")[0].strip().lower().decode("latin-1")

    def deadline(self, usual: float) -> float:
        """When an answer is of no more use, in monotonic seconds: as the client says, or `usual` seconds from arrival.

        Clients say it by `x-request-timeout` (seconds) or `grpc-timeout` (`250m`). Raises Refused for anything else.
        """
        if given := self.headers.get(b"x-request-timeout"):
            if not _TIMEOUT.fullmatch(given):
                raise Refused(400, f"x-request-timeout is {_shown(given)}; send seconds, such as 0.25")
            return self.arrived + min(float(given), usual)
        if given := self.headers.get(b"grpc-timeout"):
            found = _GRPC_TIMEOUT.fullmatch(given)
            if not found:
                raise Refused(400, f"grpc-timeout is {_shown(given)}; send digits and a unit, such as 250m")
            return self.arrived + min(int(found[1]) * _UNITS[found[2]], usual)
        return self.arrived + usual

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

    async def gone(self) -> None:
        """Return when the client has gone away; to be asked once the body was read."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

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
    return Refused(413, f"the body is larger than the {limit} bytes allowed; send less in one request")


def _shown(value: bytes) -> str:
    return repr(value[:40].decode("latin-1"))
