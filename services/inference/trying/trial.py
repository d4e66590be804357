"""Requests to a workload that has a challenger in; their answers, and what came of the trial, out."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from hashlib import blake2b
from threading import Lock
from time import perf_counter, thread_time
from typing import Any

from headrace.errors import BadData
from headrace.events import ChallengerTried
from headrace.options.challenger import Challenger
from headrace.workload import Instance
from services.inference.answering.lane import Predicted
from services.inference.hosting.models import Served
from services.inference.trying import agreement, verdict
from services.inference.trying.copies import Copies
from services.inference.trying.evidence import Evidence
from services.inference.web.answers import Refused
from services.inference.web.request import Disconnected, Request

log = logging.getLogger("headrace.inference.trial")

TOO_LATE = 504

Ask = Callable[[Served], Awaitable[Predicted]]
Shadow = Callable[[Predicted, float], None]
"""Takes what a version said of a copied request, and after how many seconds."""


class Trial:
    """One challenger against one champion, until a bound is passed or enough was seen. `ended` is called once.

    The same client keeps its version: requests are chosen by their header `x-sticky-key`, else by their id.
    """

    def __init__(
        self,
        rule: Challenger,
        champion: Served,
        challenger: Served,
        copies: Copies,
        ended: Callable[["Trial", ChallengerTried], None],
    ) -> None:
        self.rule, self.champion, self.challenger = rule, champion, challenger
        self._copies, self._ended = copies, ended
        self.evidence = Evidence()
        self.requests = self.chosen = self.dropped = 0
        self._below = round(rule.share * 2**32)
        self._salt = blake2b(f"{challenger.workload}/{challenger.version}".encode(), digest_size=16).digest()
        self._lock = Lock()
        self._over = False

    @property
    def share(self) -> float | None:
        """The share of the requests so far that the challenger was to see."""
        return self.chosen / self.requests if self.requests else None

    async def answer(self, request: Request, instances: Sequence[Instance], ask: Ask, shadow: Shadow) -> Predicted:
        """The answer of whichever version the request is for; what a copy of it was answered goes to `shadow`.

        Where the challenger fails, the champion answers all the same, and where that fails too it is not to blame.
        """
        self.requests += 1
        if not self.is_for(request):
            return await self._by_champion(ask) if self.rule.mode == "canary" else await ask(self.champion)
        self.chosen += 1
        if self.rule.mode == "canary":
            predicted = await self._by_challenger(ask)
            if predicted.served is self.challenger and self.rule.max_disagreement is not None:
                self._copy(partial(self._hold_against_champion, instances, predicted.predictions))
        else:
            predicted = await ask(self.champion)
            self._copy(partial(self._ask_both, instances, predicted.predictions, shadow))
        return predicted

    def is_for(self, request: Request) -> bool:
        """Whether the challenger is to see the request."""
        key = request.headers.get(b"x-sticky-key") or request.id.encode()
        return int.from_bytes(blake2b(key, digest_size=4, key=self._salt).digest(), "big") < self._below

    async def _by_champion(self, ask: Ask) -> Predicted:
        side, started = self.evidence.champion, perf_counter()
        try:
            predicted = await ask(self.champion)
        except (BadData, Disconnected):
            raise
        except Exception as error:
            if not isinstance(error, Refused) or error.status == TOO_LATE:
                self._count(side.failed)
            raise
        self._count(partial(side.answered, perf_counter() - started))
        return predicted

    async def _by_challenger(self, ask: Ask) -> Predicted:
        side, started = self.evidence.challenger, perf_counter()
        try:
            predicted = await ask(self.challenger)
        except Disconnected:
            raise
        except Refused as error:
            if error.status == TOO_LATE:
                self._count(side.failed)
            raise
        except Exception as error:
            error.with_traceback(None)  # its frames would keep the model in memory
            predicted = await ask(self.champion)
            if not self.evidence.challenger.errors:
                log.warning("the champion answers for version %d: %s", self.challenger.version, error)
            self._count(self.evidence.champion.answered)
            self._count(side.failed)
            return predicted
        self._count(partial(side.answered, perf_counter() - started))
        return predicted

    def _copy(self, work: Callable[[], None]) -> None:
        if not self._over and not self._copies.put(work):
            self.dropped += 1

    def _hold_against_champion(self, instances: Sequence[Instance], predictions: list[dict[str, Any]]) -> None:
        expected = self.champion.predict(instances)
        found = agreement.differences(expected, predictions, self.rule.tolerance)
        self._count(partial(self.evidence.compare, found))

    def _ask_both(self, instances: Sequence[Instance], expected: list[dict[str, Any]], shadow: Shadow) -> None:
        """The champion is asked again, only for its time: on this thread, it compares with the challenger's."""
        _, usual = _timed(self.champion, instances)
        self._count(partial(self.evidence.champion.answered, usual))
        try:
            predictions, seconds = _timed(self.challenger, instances)
        except Exception as error:
            if not self.evidence.challenger.errors:
                log.warning("version %d failed on a copied request: %s", self.challenger.version, error)
            self._count(self.evidence.challenger.failed)
            return
        found = agreement.differences(expected, predictions, self.rule.tolerance)
        shadow(Predicted(predictions, self.challenger), seconds)
        self._count(partial(self.evidence.compare, found))
        self._count(partial(self.evidence.challenger.answered, seconds))

    def _count(self, what: Callable[[], None]) -> None:
        with self._lock:
            what()
            fact = None if self._over else verdict.of(self.challenger, self.rule, self.evidence)
            self._over = self._over or fact is not None
        if fact:
            self._ended(self, fact)


def _timed(served: Served, instances: Sequence[Instance]) -> tuple[list[dict[str, Any]], float]:
    """Its predictions and their CPU seconds, which other threads do not change."""
    started = thread_time()
    predictions = served.predict(instances)
    return predictions, thread_time() - started
