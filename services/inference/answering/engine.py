"""A request and how to read it in; what its workload's model says of its instances, logged and counted, out."""

import asyncio
from collections.abc import Awaitable, Sequence
from functools import partial
from time import monotonic, perf_counter

from headrace.errors import BadData
from headrace.workload import Instance
from services.inference.answering.lane import LONGEST_ON_LOOP, Bounds, Lane, Predicted, too_late
from services.inference.answering.rows import Reader, Rows
from services.inference.answering.threads import Threads
from services.inference.hosting.hosted import Hosted
from services.inference.hosting.models import Served
from services.inference.telling.metrics import Meter
from services.inference.telling.prediction_log import PredictionLog
from services.inference.trying.trial import Trial
from services.inference.web.answers import Refused
from services.inference.web.request import Disconnected, Request

LARGE_BODY = 64 << 10
MIB = 1 << 20
LONGEST_SENTENCE = 800


class Engine:
    """One workload's way from a request's body to predictions; every protocol goes it."""

    def __init__(self, hosted: Hosted, log: PredictionLog, threads: Threads, width: int, meter: Meter) -> None:
        self.hosted, self._log, self._threads, self._meter = hosted, log, threads, meter
        limits = hosted.workload.description.serving
        bounds = Bounds(limits.queue, limits.batch, limits.gather_ms / 1000, limits.call_ms / 1000)
        self._limits = limits
        self.lane = Lane(bounds, threads, width, meter.called)

    @property
    def most_bytes(self) -> int:
        """How large a request's body may be."""
        return int(self._limits.max_body_mib * MIB)

    async def answer(
        self, request: Request, reader: Reader, asked: Served | None = None, packed: bool = False
    ) -> tuple[Predicted, Rows]:
        """Predictions for what `reader` finds in the request's body, by the version that was `asked` for, if one was.

        A `packed` body may hold far more than its size says.

        Raises Refused: 503 while no model is loaded, 413, 422 or what the reader says for a wrong body, 429 when too
        much waits already, 504 when the deadline passed. Raises Disconnected when the client went away.
        """
        started = perf_counter()
        served = asked or self.hosted.choose()
        deadline = request.deadline(self._limits.timeout_seconds)
        body = request.content
        try:
            rows = await self._read_aside(body, reader) if packed or len(body) > LARGE_BODY else reader(body)
            self._check(rows)
            trial = None if asked else self.hosted.trial
            if trial is None:
                predicted = await self._predicted(request, served, rows.instances, deadline)
            else:
                predicted = await self._on_trial(trial, request, rows, reader, deadline)
        except BadData as error:
            raise Refused(422, str(error)[:LONGEST_SENTENCE]) from None
        self._meter.predicted(predicted.served.version, predicted.predictions)
        took = perf_counter() - started
        self._log.answered(request, rows, reader, predicted, took)
        return predicted, rows

    async def _on_trial(self, trial: Trial, request: Request, rows: Rows, reader: Reader, deadline: float) -> Predicted:
        def ask(served: Served) -> Awaitable[Predicted]:
            return self._predicted(request, served, rows.instances, deadline)

        def shadow(predicted: Predicted, seconds: float) -> None:
            self._log.tell(request, rows, reader, predicted, seconds, shadow=True)

        return await trial.answer(request, rows.instances, ask, shadow)

    async def _read_aside(self, body: bytes, reader: Reader) -> Rows:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(reader, body))

    def _check(self, rows: Rows) -> None:
        sent, most = len(rows.instances), self._limits.max_rows
        if sent > most:
            raise Refused(413, f"the request has {sent} rows; send at most {most} at once")

    async def _predicted(
        self, request: Request, served: Served, instances: Sequence[Instance], deadline: float
    ) -> Predicted:
        heavy = len(request.content) > LARGE_BODY
        waits = heavy or self.lane.waits or served.seconds(len(instances)) > LONGEST_ON_LOOP
        answer = self.lane.predict(served, instances, deadline, heavy)
        try:
            predicted = await (_in_time(answer, request, deadline) if waits else answer)
        except (BadData, Refused, Disconnected):
            raise
        except Exception:
            self.hosted.watch.failed(served.version)
            raise
        self.hosted.watch.answered(served.version)
        return predicted


async def _in_time(answer: asyncio.Future[Predicted], request: Request, deadline: float) -> Predicted:
    """The answer. Raises Disconnected when its client leaves before it is there, Refused when it comes too late."""
    timer = asyncio.get_running_loop().call_later(max(0.0, deadline - monotonic()), _give_up, answer)
    try:
        return await request.while_connected(answer)
    finally:
        timer.cancel()


def _give_up(answer: asyncio.Future[Predicted]) -> None:
    if not answer.done():
        answer.set_exception(too_late())
