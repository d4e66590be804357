"""A request and how to read it in; what its workload's model says of its instances, logged and counted, out."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial
from time import monotonic, perf_counter
from typing import Any

from headrace.errors import BadData
from headrace.ports import Clock
from headrace.workload import Instance
from services.inference.answering.lane import LONGEST_ON_LOOP, Bounds, Lane, Predicted, too_late
from services.inference.answering.rows import Reader, Rows
from services.inference.hosting.hosted import Hosted
from services.inference.hosting.models import Served
from services.inference.telling.metrics import Meter
from services.inference.telling.outbox import Outbox
from services.inference.telling.prediction_log import Answered
from services.inference.web.answers import Refused
from services.inference.web.request import Disconnected, Request

LARGE_BODY = 64 << 10
MIB = 1 << 20


class Engine:
    """One workload's way from a request's body to predictions; every protocol goes it."""

    def __init__(self, hosted: Hosted, log: Outbox, clock: Clock, threads: Executor, width: int, meter: Meter) -> None:
        self.hosted, self._log, self._clock, self._threads, self._meter = hosted, log, clock, threads, meter
        limits = hosted.workload.description.serving
        bounds = Bounds(limits.queue, limits.batch, limits.gather_ms / 1000, limits.call_ms / 1000)
        self._limits = limits
        self.lane = Lane(bounds, threads, width, meter.called)

    async def answer(self, request: Request, reader: Reader) -> tuple[Predicted, Rows]:
        """Predictions for what `reader` finds in the request's body.

        Raises Refused: 503 while no model is loaded, 413, 422 or what the reader says for a wrong body, 429 when too
        much waits already, 504 when the deadline passed. Raises Disconnected when the client went away.
        """
        started = perf_counter()
        served = self.hosted.choose(request)
        deadline = request.deadline(self._limits.timeout_seconds)
        body = await request.body(int(self._limits.max_body_mib * MIB))
        try:
            rows = await self._read(body, reader)
            predicted = await self._predicted(request, served, rows.instances, deadline)
        except BadData as error:
            raise Refused(422, str(error)) from None
        self._tell(request, body, reader, predicted, perf_counter() - started)
        return predicted, rows

    def _tell(self, request: Request, body: bytes, reader: Reader, predicted: Predicted, seconds: float) -> None:
        predictions, served = predicted
        self._meter.predicted(served.version, predictions)
        now, trace = self._clock.now(), request.trace.trace_id
        self._log.put(Answered(now, request.id, trace, request.caller, served, body, reader, predictions, seconds))

    async def _read(self, body: bytes, reader: Reader) -> Rows:
        if len(body) > LARGE_BODY:
            rows = await asyncio.get_running_loop().run_in_executor(self._threads, partial(reader, body))
        else:
            rows = reader(body)
        if len(rows.instances) > self._limits.max_rows:
            sent, most = len(rows.instances), self._limits.max_rows
            raise Refused(413, f"the request has {sent} rows; send at most {most} at once")
        return rows

    async def _predicted(
        self, request: Request, served: Served, instances: Sequence[Instance], deadline: float
    ) -> Predicted:
        answer = self.lane.predict(served, instances, deadline)
        if served.seconds(len(instances)) <= LONGEST_ON_LOOP:
            return await answer
        gone = asyncio.ensure_future(request.gone())
        either: set[asyncio.Future[Any]] = {answer, gone}
        try:
            await asyncio.wait(either, timeout=deadline - monotonic(), return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            answer.cancel()
            raise Disconnected if gone.done() else too_late()
        finally:
            gone.cancel()
