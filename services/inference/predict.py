"""A request with instances in; their predictions by the workload's champion, logged, out."""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

from headrace.errors import BadData
from headrace.ports import Clock
from headrace.workload import Instance
from services.inference import answers, instances
from services.inference.answers import Answer, Refused
from services.inference.batching import Predicted, TickBatcher
from services.inference.hosting import Hosted
from services.inference.instances import MAX_BODY
from services.inference.models import Served
from services.inference.outbox import Outbox
from services.inference.prediction_log import Answered
from services.inference.request import Request

LONGEST_ON_LOOP = 0.002
LARGE_BODY = 64 << 10


@dataclass(slots=True)
class Predictor:
    """`POST …/predict` of one workload: single rows share model calls, and what takes long runs on `threads`."""

    hosted: Hosted
    batcher: TickBatcher
    log: Outbox
    clock: Clock
    threads: Executor

    async def predict(self, request: Request) -> Answer:
        """Answer with the prediction of one instance, or with `predictions` when a list was sent."""
        started = perf_counter()
        served = self._served()
        body = await request.body(MAX_BODY)
        max_rows = self.hosted.workload.description.serving.max_rows
        if len(body) > LARGE_BODY:
            rows, many = await self._on_thread(partial(instances.read, body, max_rows))
        else:
            rows, many = instances.read(body, max_rows)
        try:
            predictions, served = await self._predictions(served, rows)
        except BadData as error:
            raise Refused(422, str(error)) from None
        answer = _answer(served, request, predictions, many)
        seconds, trace = perf_counter() - started, request.trace.trace_id
        now = self.clock.now()
        self.log.put(Answered(now, request.id, trace, served, body, max_rows, predictions, seconds))
        return answer

    def _served(self) -> Served:
        if self.hosted.served is None:
            sentence = f"{self.hosted.workload.name} has no model loaded yet; try again in a moment"
            raise Refused(503, sentence, ((b"retry-after", b"2"),))
        return self.hosted.served

    async def _predictions(self, served: Served, rows: list[Instance]) -> Predicted:
        if len(rows) * served.row_seconds > LONGEST_ON_LOOP:
            return Predicted(await self._on_thread(partial(served.predict, rows)), served)
        if len(rows) == 1:
            return await self.batcher.predict(rows[0])
        return Predicted(served.predict(rows), served)

    async def _on_thread(self, work: partial[Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)


def _answer(served: Served, request: Request, predictions: list[dict[str, Any]], many: bool) -> Answer:
    answer: dict[str, Any] = {"predictions": predictions} if many else dict(predictions[0])
    answer |= {"model": served.workload, "version": served.version, "alias": served.alias, "request_id": request.id}
    return answers.says(answer)
