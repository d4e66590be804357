"""The moves of one workload's champion and challenger in; which model answers now, and what went wrong last, out."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from headrace.events import ChallengerTried
from headrace.promotion.trials import PASSED
from services.inference.hosting.models import Served, Workload
from services.inference.hosting.sources import CHAMPION
from services.inference.hosting.watch import Watch
from services.inference.trying.trial import Trial
from services.inference.web.answers import Refused

LONGEST_PAUSE = 300.0
GLANCE_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Failure:
    """A version that could not be loaded; it is tried again by itself at `retry_at` (monotonic seconds)."""

    version: int
    reason: str
    at: datetime
    attempts: int
    retry_at: float


class Hosted:
    """A workload and the models that answer for it. A request takes one of them and finishes on what it took.

    `champion` is the number of the version that is to answer, once that is known. While `trial` is there, requests go
    through it; `tried` is how the last trial of this process ended. The `watch` counts what `served` fails on. Until it
    `is_settled` whether a model answers, and which, requests may wait for it.
    """

    def __init__(self, workload: Workload) -> None:
        self.workload = workload
        self.served: Served | None = None
        self.watch = Watch()
        self.challenger: Served | None = None
        self.trial: Trial | None = None
        self.tried: ChallengerTried | None = None
        self.champion: int | None = None
        self.is_known = False
        self.is_settled = False
        self.swaps = 0
        self.failures = 0
        self.last_failure: Failure | None = None

    @property
    def loaded(self) -> tuple[Served, ...]:
        """Every version that is in memory."""
        return tuple(served for served in (self.served, self.challenger) if served)

    def choose(self) -> Served:
        """The version that answers requests, the challenger apart. Raises Refused while there is none."""
        if self.served is None:
            sentence = f"{self.workload.name} has no model loaded yet; try again in a moment"
            raise Refused(503, sentence, ((b"retry-after", b"2"),))
        return self.served

    async def settled(self, deadline: float) -> None:
        """Return when it is settled which model answers first, or at `deadline` (monotonic seconds).

        An instance that has just started has a processor for as long as somebody waits for its answer.
        """
        while not self.is_settled and monotonic() < deadline:  # noqa: ASYNC110 - it is settled in another thread
            await asyncio.sleep(GLANCE_SECONDS)

    @property
    def ready(self) -> bool:
        """True when a model answers, or none is to."""
        return self.served is not None or (self.is_known and self.champion is None)

    @property
    def tries(self) -> bool:
        """Whether challengers are tried here: the workload says so, and nobody pinned a version."""
        follows = self.workload.source == CHAMPION
        return follows and self.workload.description.serving.challenger.mode != "off"

    def name(self, champion: int | None) -> None:
        """The version that is to answer is `champion`, or none is."""
        self.champion = champion
        self.is_known = True
        self.is_settled = self.is_settled or champion is None

    def is_due(self, number: int) -> bool:
        """Whether version `number` is to be loaded now: it is not what answers, nor a failure that still rests."""
        if self.served and self.served.version == number:
            return False
        failure = self.last_failure
        return not (failure and failure.version == number and monotonic() < failure.retry_at)

    def swap(self, served: Served) -> None:
        """Let `served` answer from the next request on; a trial against the one before is over."""
        self.withdraw()
        self.watch = Watch(served.version, self.workload.description.promotion.watch_errors)
        self.served = served
        self.is_settled = True
        self.swaps += 1

    def challenge(self, trial: Trial) -> None:
        """Let requests go through the trial from the next one on."""
        self.challenger = trial.challenger
        self.trial = trial

    def withdraw(self) -> None:
        """Let the champion answer alone, and forget the challenger."""
        self.trial = self.challenger = None

    def end(self, fact: ChallengerTried) -> None:
        """Let the champion answer alone from the next request on; the challenger may be about to become it."""
        self.trial = None
        self.tried = fact
        if fact.outcome != PASSED:
            self.challenger = None

    def failed(self, number: int, reason: str, at: datetime) -> None:
        """Keep what answers, and rest longer after each failure of the same version."""
        before = self.last_failure
        attempts = before.attempts + 1 if before and before.version == number else 1
        pause = min(LONGEST_PAUSE, 2.0**attempts)
        self.failures += 1
        self.is_settled = True
        self.last_failure = Failure(number, reason, at, attempts, monotonic() + pause)
