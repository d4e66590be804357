"""W3C trace context in; the same trace, one span further, out: an upload can be followed to what it serves."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
from random import Random
from typing import NamedTuple

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


_random = Random()  # noqa: S311 - ids must differ, not be secret; the system's generator takes longer
os.register_at_fork(after_in_child=_random.seed)


def new_id(bits: int) -> str:
    """So many random bits, whole bytes of them, as hexadecimal digits, fit to name a request or a span."""
    return _random.getrandbits(bits).to_bytes(bits // 8).hex()


class Trace(NamedTuple):
    """A position in a trace: 32 and 16 hex digits."""

    trace_id: str
    span_id: str

    @property
    def traceparent(self) -> str:
        """The W3C header, always sampled."""
        return f"00-{self.trace_id}-{self.span_id}-01"

    def child(self) -> "Trace":
        """The next span of the same trace."""
        return Trace(self.trace_id, new_id(64))


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def parse(traceparent: str | None, cause: str | None = None) -> Trace:
    """The trace that `traceparent` names; without one, a new trace, the same for every delivery of the same `cause`."""
    if traceparent and (found := _TRACEPARENT.fullmatch(traceparent)):
        return Trace(*found.groups())
    digest = sha256(cause.encode()).hexdigest() if cause else new_id(192)
    return Trace(digest[:32], digest[32:48])


def current() -> Trace:
    """The trace of the work in hand; outside of any, a new one."""
    return _current.get() or parse(None)


def active() -> Trace | None:
    """The trace of the work in hand, if any."""
    return _current.get()


TAG = "headrace.traceparent"
"""The tag with which a model version carries its trace through the registry."""


@contextmanager
def use(trace: Trace) -> Iterator[Trace]:
    """Make `trace` current for the block."""
    token = _current.set(trace)
    try:
        yield trace
    finally:
        _current.reset(token)
