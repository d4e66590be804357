"""Rows that arrive one by one in; one model call for all that came in the same turn of the event loop, out."""

import asyncio
from typing import Any, NamedTuple

from headrace.workload import Instance
from services.inference.hosting import Hosted
from services.inference.models import Served

MOST_ROWS = 128


class Predicted(NamedTuple):
    """Predictions and the model that made them."""

    predictions: list[dict[str, Any]]
    served: Served


class _Waiting(NamedTuple):
    instance: Instance
    answer: asyncio.Future[Predicted]


class TickBatcher:
    """Collects a workload's single rows. No timer: a row alone waits for nobody."""

    def __init__(self, hosted: Hosted) -> None:
        self._hosted = hosted
        self._waiting: list[_Waiting] = []

    def predict(self, instance: Instance) -> asyncio.Future[Predicted]:
        """The instance's prediction, one turn of the event loop later."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(instance, loop.create_future())
        if not self._waiting:
            loop.call_soon(self._flush)
        self._waiting.append(waiting)
        return waiting.answer

    def _flush(self) -> None:
        batch, self._waiting = self._waiting[:MOST_ROWS], self._waiting[MOST_ROWS:]
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._flush)
        served = self._hosted.served
        if served is None:
            raise RuntimeError("rows were taken for a workload that has no model")
        _answer(served, batch)


def _answer(served: Served, batch: list[_Waiting]) -> None:
    try:
        predictions = served.predict([waiting.instance for waiting in batch])
    except Exception as error:
        _blame(served, batch, error)
        return
    for waiting, prediction in zip(batch, predictions, strict=True):
        if not waiting.answer.done():
            waiting.answer.set_result(Predicted([prediction], served))


def _blame(served: Served, batch: list[_Waiting], error: Exception) -> None:
    """One row must not fail its neighbours: each is asked again alone."""
    if len(batch) > 1:
        for waiting in batch:
            _answer(served, [waiting])
    elif not batch[0].answer.done():
        batch[0].answer.set_exception(error)
