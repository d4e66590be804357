"""What two versions did on the same traffic in; which bounds of the trial the challenger passes, out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import exp, hypot, log, sqrt

from headrace.options.challenger import Challenger

LEAST_REQUESTS = 20
"""Of the challenger's, before anything is said of it."""
SURE = 3.0
"""Standard errors that a bound must be passed by to end a trial early: one chance in 700 at each look."""
SHORTEST_SECONDS = 1e-7


@dataclass(slots=True)
class Side:
    """One version's requests, how many of them failed, and how long those took that were timed."""

    requests: int = 0
    errors: int = 0
    _timed: int = 0
    _sum: float = 0.0
    _squares: float = 0.0

    def failed(self) -> None:
        """A request got no answer from this version."""
        self.requests += 1
        self.errors += 1

    def answered(self, seconds: float | None = None) -> None:
        """A request got its answer, after so many seconds where they compare with the other version's."""
        self.requests += 1
        if seconds is not None:
            value = log(max(seconds, SHORTEST_SECONDS))
            self._timed += 1
            self._sum += value
            self._squares += value * value

    @property
    def seconds(self) -> float | None:
        """How long a typical request takes: the geometric mean, which a few slow ones do not move."""
        return exp(self._sum / self._timed) if self._timed else None

    @property
    def rate(self) -> float:
        """The share of requests that failed."""
        return self.errors / self.requests if self.requests else 0.0

    def slower(self, other: "Side", errors: float) -> float | None:
        """How many times as long as `other` this takes at least, by so many standard errors; None when unknown."""
        if min(self._timed, other._timed) < LEAST_REQUESTS:
            return None
        ratio = self._sum / self._timed - other._sum / other._timed
        return exp(ratio - errors * hypot(self._standard_error(), other._standard_error()))

    def _standard_error(self) -> float:
        mean = self._sum / self._timed
        return sqrt(max(0.0, self._squares / self._timed - mean * mean) / self._timed)


@dataclass(slots=True)
class Evidence:
    """Both sides, and how far their answers to the same rows differ."""

    champion: Side = field(default_factory=Side)
    challenger: Side = field(default_factory=Side)
    compared: int = 0
    _rows: int = 0
    _differing: float = 0.0

    def compare(self, differences: list[float]) -> None:
        """The answers of both versions to the rows of one request differ so far."""
        self.compared += 1
        self._rows += len(differences)
        self._differing += sum(differences)

    @property
    def disagreement(self) -> float | None:
        """The share of answers that differ; None when none were compared."""
        return self._differing / self._rows if self._rows else None

    def faults(self, rule: Challenger, errors: float) -> tuple[str, ...]:
        """Every bound that is passed, even where chance helped by so many standard errors."""
        return (*self._failing(rule, errors), *self._slow(rule, errors), *self._disagreeing(rule, errors))

    def _failing(self, rule: Challenger, errors: float) -> Iterator[str]:
        new, old = self.challenger, self.champion
        low, high = wilson(new.rate, new.requests, errors)[0], wilson(old.rate, old.requests, errors)[1]
        if new.rate - old.rate - hypot(new.rate - low, high - old.rate) > rule.max_error_gain:
            yield (
                f"{new.errors} of its {new.requests} requests failed, {old.errors} of the champion's {old.requests}; "
                f"{rule.max_error_gain:.2%} more than the champion's are allowed"
            )

    def _slow(self, rule: Challenger, errors: float) -> Iterator[str]:
        ratio = self.challenger.slower(self.champion, errors)
        if ratio is not None and ratio > rule.max_latency_ratio:
            found = self.challenger.slower(self.champion, 0.0)
            yield f"it takes {found:.2f} times as long as the champion; {rule.max_latency_ratio:g} times is allowed"

    def _disagreeing(self, rule: Challenger, errors: float) -> Iterator[str]:
        found, allowed = self.disagreement, rule.max_disagreement
        if allowed is None or found is None or self.compared < LEAST_REQUESTS:
            return
        if wilson(found, self.compared, errors)[0] > allowed:
            yield f"{found:.1%} of its answers differ from the champion's; {allowed:.1%} are allowed"


def wilson(rate: float, requests: int, errors: float) -> tuple[float, float]:
    """The bounds of a rate seen in so many requests, by so many standard errors."""
    if errors == 0:
        return rate, rate
    if requests == 0:
        return 0.0, 1.0
    square = errors * errors / requests
    middle = (rate + square / 2) / (1 + square)
    width = errors / (1 + square) * sqrt(rate * (1 - rate) / requests + square / requests / 4)
    return max(0.0, middle - width), min(1.0, middle + width)
