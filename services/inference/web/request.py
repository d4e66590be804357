"""What a client sent in; a request with its id, its trace and its deadline out."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import unquote

from headrace import tracing
from headrace.tracing import Trace
from services.inference.web import answers
from services.inference.web.answers import Answer, Refusal, Refused

T = TypeVar("T")

_REQUEST_ID = re.compile(rb"[!-~]{1,128}")
_TIMEOUT = re.compile(rb"\d{1,8}(\.\d{1,6})?")
_GRPC_TIMEOUT = re.compile(rb"(\d{1,8})([HMSmun])")
_UNITS = {b"H": 3600.0, b"M": 60.0, b"S": 1.0, b"m": 1e-3, b"u": 1e-6, b"n": 1e-9}

UNKNOWN = ("", "unknown")
"""How a request is counted that has no route."""


class Disconnected(Exception):
    """The client went away before it was answered."""


class Request:
    """One request. The client's `x-request-id` and `traceparent` are kept where they are well formed.

    `caller` is the name of the key that it came with; `arrived` is in monotonic seconds; `counted` says under which
    workload and name it is, and `refusal` how its sender reads errors.
    """

    __slots__ = (
        "_awaited", "_left", "arrived", "caller", "content", "counted", "headers", "id", "method", "path", "refusal",
        "trace",
    )  # fmt: skip

    def __init__(self, method: str, url: bytes, headers: Mapping[bytes, bytes]) -> None:
        self.arrived = monotonic()
        self.method, self.headers = method, headers
        self.path = _path(url)
        self.content = b""
        self.caller = ""
        self.counted = UNKNOWN
        self.refusal: Refusal = answers.refusal
        self._awaited: asyncio.Future[Any] | None = None
        self._left = False
        given, parent = headers.get(b"x-request-id"), headers.get(b"traceparent")
        self.id: str = given.decode() if given and _REQUEST_ID.fullmatch(given) else tracing.new_id(128)
        self.trace: Trace = tracing.parse(parent.decode("latin-1")).child() if parent else tracing.parse(None)

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

    async def while_connected(self, answer: "asyncio.Future[T]") -> T:
        """What comes of `answer`. Raises Disconnected, and cancels it, when the client goes away before."""
        self._awaited = answer
        try:
            if self._left:
                answer.cancel()
            return await answer
        except asyncio.CancelledError:
            if self._left:
                raise Disconnected from None
            raise
        finally:
            self._awaited = None

    def leave(self) -> None:
        """The client went away."""
        self._left = True
        if self._awaited:
            self._awaited.cancel()


Handler = Callable[[Request], Awaitable[Answer]]


def _path(url: bytes) -> str:
    """The path in what stands after the method, which a proxy's client writes with scheme and host."""
    if not url.startswith(b"/"):
        url = b"/" + url.partition(b"://")[2].partition(b"/")[2]
    path = url.partition(b"?")[0].decode("latin-1")
    return unquote(path) if "%" in path else path


def _shown(value: bytes) -> str:
    return repr(value[:40].decode("latin-1"))
