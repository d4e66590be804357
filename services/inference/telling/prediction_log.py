"""An answered request in; the line that drift and evaluation read of it, without personal fields, out."""

from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Raw

from headrace.ports import Clock
from headrace.workload import Instance
from services.inference.answering.predicted import Predicted
from services.inference.hosting.models import Served
from services.inference.telling.memory import Memory
from services.inference.telling.outbox import Outbox
from services.inference.web import answers
from services.inference.web.request import Request

TOPIC = "predictions"
USUAL_ROW = 4096
"""Bytes that are kept of a row, at most, as a rule: a large payload becomes small."""

Predictions = Sequence[dict[str, Any]]


class _Line(msgspec.Struct, gc=False, omit_defaults=True):
    """What is written; `caller` is the name of the key that the request came with, `shadow` that nobody got this."""

    time: datetime
    request_id: str
    workload: str
    version: int
    alias: str
    caller: str
    trace: str
    instances: Sequence[Instance] | Raw
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


class _Later(msgspec.Struct, frozen=True, gc=False):
    """A line whose instances another thread is making fit to be kept."""

    line: _Line
    kept: Future[Raw]
    size: int
    """About how many bytes it holds in memory."""

    @property
    def workload(self) -> str:
        """Whose line it is."""
        return self.line.workload

    def encode(self) -> bytes:
        """The line as JSON."""
        self.line.instances = self.kept.result()
        return answers.encode(self.line)


class _Unkept(msgspec.Struct, frozen=True):
    """A line whose instances the workload could not make fit to be kept."""

    workload: str
    error: Exception
    size: int = 400

    def encode(self) -> bytes:
        """Raises the reason."""
        raise self.error


class PredictionLog:
    """One workload's answers: remembered here for a while, and told to the bus for a `share` of the requests.

    What was answered at once is written at once; what a thread answered, that thread makes fit to be kept.
    """

    def __init__(self, outbox: Outbox, clock: Clock, share: float = 1.0) -> None:
        self.memory = Memory()
        self._outbox, self._clock, self._share = outbox, clock, share

    def wants(self, request: Request) -> bool:
        """Whether the request is to be told of."""
        return self._share >= 1 or is_drawn(request.id, self._share)

    def answered(self, request: Request, predicted: Predicted, instances: Sequence[Instance], seconds: float) -> None:
        """Remember and tell what a client was answered after so many seconds."""
        self.memory.keep(request.id, predicted.served.version, predicted.predictions)
        self.tell(request, predicted, instances, seconds)

    def tell(
        self,
        request: Request,
        predicted: Predicted,
        instances: Sequence[Instance],
        seconds: float,
        shadow: bool = False,
    ) -> None:
        """Tell what was said to a request, whether its client was told or, of a `shadow`, was not."""
        if not self.wants(request):
            return
        predictions: Predictions = predicted.predictions
        served, kept = predicted.served, predicted.kept
        for value in predictions[0].values():
            if type(value) is bytes:
                predictions = _without_bytes(predictions)
                break
        who, trace = request.caller, request.trace.trace_id
        took, name, alias = round(seconds * 1000, 3), served.workload, served.alias
        now, version = self._clock.now(), served.version
        line = _Line(now, request.id, name, version, alias, who, trace, (), predictions, took, shadow)
        if kept:
            rows = len(predictions)
            self._outbox.put(_Later(line, kept, min(len(request.content), USUAL_ROW * rows) + 400 * rows))
        else:
            self._outbox.put(_at_once(line, served, instances))


def is_drawn(request_id: str, share: float) -> bool:
    """Whether a request is among the `share` that is logged; the same on every instance, now and later."""
    drawn = int.from_bytes(blake2b(request_id.encode(), digest_size=4, person=b"log").digest(), "big")
    return drawn < share * (1 << 32)


def _at_once(line: _Line, served: Served, instances: Sequence[Instance]) -> _Written | _Unkept:
    try:
        line.instances = served.serving.loggable(instances)
        return _Written(line.workload, answers.encode(line))
    except Exception as error:
        return _Unkept(line.workload, error)


def _without_bytes(predictions: Predictions) -> Predictions:
    """Pictures are not kept."""
    return [
        {name: value for name, value in prediction.items() if not isinstance(value, bytes)}
        for prediction in predictions
    ]
