"""Instances that arrive call by call in; model calls for as many of them as pay off, and each call's answers, out."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

from headrace.workload import Instance
from services.inference.answering.threads import Threads
from services.inference.hosting.models import Served
from services.inference.web.answers import Refused

LONGEST_ON_LOOP = 0.001
"""Seconds that a model call may keep the event loop; longer ones go to a thread."""

UNNOTICED = 0.00025
"""Seconds that a row may be late for others' sake: less than it is on its way."""


class Predicted(NamedTuple):
    """Predictions and the model that made them."""

    predictions: list[dict[str, Any]]
    served: Served


class _Waiting(NamedTuple):
    served: Served
    instances: Sequence[Instance]
    deadline: float
    heavy: bool
    answer: asyncio.Future[Predicted]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Rows that may wait, rows a call of the model takes, seconds that a row waits for others and a call lasts."""

    queue: int
    rows: int
    gather: float
    longest: float


class Lane:
    """One workload's waiting rows.

    What arrives in one turn of the event loop shares a model call, without a timer: a row alone waits for nobody unless
    the workload says so. Calls that would keep the loop from others run on `threads`, of which `width` at once are this
    workload's; what arrives meanwhile waits, up to a bound, and goes together. A thread that is done takes what waits
    by itself, unless another workload wants the thread: the loop, which has more to do, need not come between.
    """

    def __init__(self, bounds: Bounds, threads: Threads, width: int, called: Callable[[int], None]) -> None:
        self._bounds, self._threads, self._width, self._called = bounds, threads, width, called
        self._lock = Lock()  # for these two, which threads take from
        self._waiting: deque[_Waiting] = deque()
        self._rows = 0
        self._running = 0
        self._timer: asyncio.Handle | None = None

    @property
    def waiting(self) -> int:
        """Rows that no call has taken yet."""
        return self._rows

    @property
    def waits(self) -> bool:
        """Whether even a short call is made later than in this turn of the event loop."""
        return self._running >= self._width or self._bounds.gather > 0

    def predict(
        self, served: Served, instances: Sequence[Instance], deadline: float, heavy: bool = False
    ) -> asyncio.Future[Predicted]:
        """What `served` answers to `instances`. Raises Refused when too many rows wait already.

        What is `heavy` may take longer than its rows usually do, and keeps off the event loop.

        The future fails with BadData when an instance is at fault, with Refused when the deadline (monotonic seconds)
        passed before its turn. A cancelled one is not computed.
        """
        count = len(instances)
        if self._rows and self._rows + count > self._bounds.queue:
            raise self._full(served)
        waiting = _Waiting(served, instances, deadline, heavy, self._loop.create_future())
        with self._lock:
            self._waiting.append(waiting)
            self._rows += count
        gather = self._bounds.gather if self._rows < self._bounds.rows else 0.0
        if self._timer and self._bounds.gather and not gather:
            self._timer.cancel()
            self._timer = None
        if self._timer is None and self._running < self._width:
            self._timer = self._loop.call_later(gather, self._flush) if gather else self._soon()
        return waiting.answer

    @cached_property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    def _soon(self) -> asyncio.Handle:
        return self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        """Run one batch; while there is more, come again after what else the loop has to do."""
        self._timer = None
        batch = self._take()
        if not batch:
            return
        rows = sum(len(waiting.instances) for waiting in batch)
        if batch[0].served.seconds(rows) <= LONGEST_ON_LOOP and not any(waiting.heavy for waiting in batch):
            _deliver(batch, self._answers(batch))
        else:
            self._running += 1
            running = self._threads.submit(self._work, batch)
            running.add_done_callback(lambda done: self._loop.call_soon_threadsafe(self._ended, done))
        self._next()

    def _work(self, batch: list[_Waiting]) -> None:
        """Run one batch after the other, on a thread."""
        while batch:
            self._loop.call_soon_threadsafe(_deliver, batch, self._answers(batch))
            batch = [] if self._timer or self._threads.wanted else self._take()

    def _ended(self, done: Future[None]) -> None:
        self._running -= 1
        self._next()
        if not done.cancelled():
            done.result()  # the loop says what went wrong

    def _next(self) -> None:
        if self._waiting and self._timer is None and self._running < self._width:
            self._timer = self._soon()

    def _take(self) -> list[_Waiting]:
        """Calls of the same version, in the order of their arrival, as many as belong into one model call."""
        batch: list[_Waiting] = []
        late: list[_Waiting] = []
        rows, most, now = 0, 0, monotonic()
        with self._lock:
            while self._waiting:
                first = self._waiting[0]
                count = len(first.instances)
                if batch and (first.served is not batch[0].served or rows + count > most):
                    break
                self._waiting.popleft()
                self._rows -= count
                if first.answer.done():
                    continue
                if first.deadline < now:
                    late.append(first)
                    continue
                most = most or worthwhile(first.served, self._bounds)
                batch.append(first)
                rows += count
        if late:
            self._loop.call_soon_threadsafe(_deliver, late, [too_late() for _ in late])
        return batch

    def _answers(self, batch: list[_Waiting]) -> list[Any]:
        """For each waiting call its predictions, or what went wrong with them."""
        instances = [instance for waiting in batch for instance in waiting.instances]
        self._called(len(instances))
        try:
            predictions = batch[0].served.predict(instances)
        except Exception as error:
            if len(batch) == 1:
                return [error]
            # One call must not fail its neighbours: each is asked again alone.
            return [answer for waiting in batch for answer in self._answers([waiting])]
        found, start = [], 0
        for waiting in batch:
            end = start + len(waiting.instances)
            found.append(Predicted(predictions[start:end], waiting.served))
            start = end
        return found

    def _full(self, served: Served) -> Refused:
        seconds = max(1, ceil(served.seconds(self._rows) / self._width))
        sentence = f"{served.workload} has {self._rows} rows waiting, as many as may; come back in {seconds} s"
        return Refused(429, sentence, ((b"retry-after", b"%d" % seconds),))


def worthwhile(served: Served, bounds: Bounds) -> int:
    """How many rows one call of the model should take.

    So many that what a call costs beside its rows is an eighth of it at most; more would only make the first row wait
    for the last, which nobody notices as long as the call is short. Never so many that it outlasts its bound.
    """
    if served.row_seconds <= 0:
        return bounds.rows

    def within(seconds: float) -> int:
        return int((seconds - served.call_seconds) / served.row_seconds)

    saving = ceil(8 * served.call_seconds / served.row_seconds)
    return max(1, min(max(saving, within(UNNOTICED)), within(bounds.longest), bounds.rows))


def too_late() -> Refused:
    """The answer to who asked for one in less time than there was."""
    return Refused(504, "the deadline passed before there was an answer; allow more time, or send less at once")


def _deliver(batch: list[_Waiting], answers: list[Any]) -> None:
    for waiting, answer in zip(batch, answers, strict=True):
        if waiting.answer.done():
            continue
        if isinstance(answer, BaseException):
            waiting.answer.set_exception(answer)
        else:
            waiting.answer.set_result(answer)
