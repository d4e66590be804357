"""The moves of one workload's champion in; which model answers now, and what went wrong last, out."""

from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from services.inference.hosting.models import Served, Workload
from services.inference.web.answers import Refused
from services.inference.web.request import Request

LONGEST_PAUSE = 300.0


@dataclass(frozen=True, slots=True)
class Failure:
    """A version that could not be loaded; it is tried again by itself at `retry_at` (monotonic seconds)."""

    version: int
    reason: str
    at: datetime
    attempts: int
    retry_at: float


class Hosted:
    """A workload and the model that answers for it. A request takes `served` once and finishes on what it took."""

    def __init__(self, workload: Workload) -> None:
        self.workload = workload
        self.served: Served | None = None
        self.champion: int | None = None
        self.swaps = 0
        self.failures = 0
        self.last_failure: Failure | None = None

    @property
    def loaded(self) -> tuple[Served, ...]:
        """Every version that is in memory."""
        return (self.served,) if self.served else ()

    def choose(self, _: Request) -> Served:
        """The version that answers a request. Raises Refused while there is none."""
        if self.served is None:
            sentence = f"{self.workload.name} has no model loaded yet; try again in a moment"
            raise Refused(503, sentence, ((b"retry-after", b"2"),))
        return self.served

    @property
    def ready(self) -> bool:
        """True when a model answers, or none is to."""
        return self.served is not None or self.champion is None

    def is_due(self, number: int) -> bool:
        """Whether version `number` is to be loaded now: it is not what answers, nor a failure that still rests."""
        if self.served and self.served.version == number:
            return False
        failure = self.last_failure
        return not (failure and failure.version == number and monotonic() < failure.retry_at)

    def swap(self, served: Served) -> None:
        """Let `served` answer from the next request on."""
        self.served = served
        self.swaps += 1

    def failed(self, number: int, reason: str, at: datetime) -> None:
        """Keep what answers, and rest longer after each failure of the same version."""
        before = self.last_failure
        attempts = before.attempts + 1 if before and before.version == number else 1
        pause = min(LONGEST_PAUSE, 2.0**attempts)
        self.failures += 1
        self.last_failure = Failure(number, reason, at, attempts, monotonic() + pause)
