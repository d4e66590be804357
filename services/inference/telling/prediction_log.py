"""An answered request in; the line that drift and evaluation read of it, without personal fields, out."""

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from headrace.ports import Clock
from headrace.workload import Instance
from services.inference.answering.lane import Predicted
from services.inference.answering.rows import Reader, Rows
from services.inference.hosting.models import Served
from services.inference.telling.memory import Memory
from services.inference.telling.outbox import Outbox
from services.inference.telling.spare_time import SpareTime
from services.inference.web import answers
from services.inference.web.request import Request

TOPIC = "predictions"
SMALL_BODY, SMALL_ROWS = 4096, 32
"""Bytes and rows up to which a line is written at once: that costs less than to have the body read again."""

Predictions = list[dict[str, Any]]


class _Line(msgspec.Struct, gc=False, omit_defaults=True):
    """What is written; `caller` is the name of the key that the request came with, `shadow` that nobody got this.

    It is bare, without `instances`, where there was no time to make them fit to be kept.
    """

    time: datetime
    request_id: str
    workload: str
    version: int
    alias: str
    caller: str
    trace: str
    instances: Sequence[Instance]
    predictions: Predictions
    latency_ms: float
    shadow: bool = False


class _Written(msgspec.Struct, frozen=True, gc=False):
    """A line as it travels."""

    workload: str
    text: bytes

    @property
    def size(self) -> int:
        """About how many bytes it holds in memory."""
        return len(self.text)

    def encode(self) -> bytes:
        """The line as JSON."""
        return self.text


class _Answered(msgspec.Struct, frozen=True, gc=False):
    """A line that another thread writes. It keeps the body, which is a tenth of what was read from it."""

    line: _Line
    served: Served
    body: bytes
    reader: Reader
    spare: SpareTime

    @property
    def workload(self) -> str:
        """Whose line it is."""
        return self.line.workload

    @property
    def size(self) -> int:
        """About how many bytes it holds in memory."""
        return len(self.body) + 400 * len(self.line.predictions)

    def encode(self) -> bytes:
        """The line as JSON."""
        instances = self.reader(self.body).instances if self.spare.comes() else ()
        return _written(self.line, self.served, instances)


class PredictionLog:
    """One workload's answers: remembered here for a while, and told to the bus for a `share` of the requests.

    A small line is written at once. A large one, or one of pictures, which take long to make fit to be kept, is written
    by the outbox's thread while threads that answer are not `busy`; when it never gets to it, the line is a bare one.
    """

    def __init__(self, outbox: Outbox, clock: Clock, busy: Callable[[], bool], share: float = 1.0) -> None:
        self.memory = Memory()
        self._spare = SpareTime(busy, lambda: outbox.crowded)
        self._outbox, self._clock, self._share = outbox, clock, share
        self._quick: bool | None = None

    @property
    def bare(self) -> int:
        """Lines so far that do not say what was asked."""
        return self._spare.missed

    def answered(self, request: Request, rows: Rows, reader: Reader, predicted: Predicted, seconds: float) -> None:
        """Remember and tell what a client was answered after so many seconds."""
        self.memory.keep(request.id, predicted.served.version, predicted.predictions)
        self.tell(request, rows, reader, predicted, seconds)

    def tell(
        self, request: Request, rows: Rows, reader: Reader, predicted: Predicted, seconds: float, shadow: bool = False
    ) -> None:
        """Tell what a model said to a request, whether its client was told or, of a `shadow`, was not."""
        if self._share < 1 and not is_drawn(request.id, self._share):
            return
        predictions, served = predicted
        for value in predictions[0].values():
            if type(value) is bytes:
                predictions = _without_bytes(predictions)
                break
        who, trace, body = request.caller, request.trace.trace_id, request.content
        took, name, alias = round(seconds * 1000, 3), served.workload, served.alias
        now, version = self._clock.now(), served.version
        line = _Line(now, request.id, name, version, alias, who, trace, (), predictions, took, shadow)
        if self._quick is None:
            self._quick = all(field.kind != "image" for field in served.codec.fields)
        small = self._quick and len(body) <= SMALL_BODY and len(rows.instances) <= SMALL_ROWS
        at_once = _at_once(line, served, rows.instances) if small else None
        self._outbox.put(at_once or _Answered(line, served, body, reader, self._spare))


def is_drawn(request_id: str, share: float) -> bool:
    """Whether a request is among the `share` that is logged; the same on every instance, now and later."""
    drawn = int.from_bytes(blake2b(request_id.encode(), digest_size=4, person=b"log").digest(), "big")
    return drawn < share * (1 << 32)


def _at_once(line: _Line, served: Served, instances: Sequence[Instance]) -> _Written | None:
    """None for what the workload cannot make fit to be kept: the outbox will try it again, say why, and count it."""
    try:
        return _Written(line.workload, _written(line, served, instances))
    except Exception:
        return None


def _written(line: _Line, served: Served, instances: Sequence[Instance]) -> bytes:
    line.instances = served.serving.loggable(instances)
    return answers.encode(line)


def _without_bytes(predictions: Predictions) -> Predictions:
    """Pictures are not kept."""
    return [
        {name: value for name, value in prediction.items() if not isinstance(value, bytes)}
        for prediction in predictions
    ]
