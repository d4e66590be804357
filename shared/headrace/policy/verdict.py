"""What was found of a challenger, by number, and whether it becomes champion: the words of a judgement."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the bounds that hold it with the policy's confidence."""

    estimate: float
    low: float
    high: float

    def __format__(self, spec: str) -> str:
        return f"{self.estimate:{spec}} [{self.low:{spec}}, {self.high:{spec}}]"


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a slice: its score, the champion's, and the gain where that is a loss that the policy bounds."""

    slice: str
    name: str
    rows: int
    metric: str
    score: float
    champion_score: float | None = None
    gain: Interval | None = None
    judged: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """How far apart the groups of a slice are: the widest difference of a `measure`, and the bound it has to keep."""

    slice: str
    measure: str
    rates: Mapping[str, float]
    difference: Interval
    limit: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What the exported model takes on the evaluator, how old its data is, how far it is from the trained one."""

    row_ms: float | None = None
    batch_ms: float | None = None
    batch_rows: int = 0
    size_mib: float | None = None
    age_days: float | None = None
    parity: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the challenger becomes champion, why, and on which numbers."""

    promoted: bool
    reasons: tuple[str, ...]
    scores: Mapping[str, float]
    champion_scores: Mapping[str, float] | None = None
    gain: Interval | None = None
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    gaps: tuple[Gap, ...] = ()
    measured: Measured = Measured()
