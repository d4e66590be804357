"""Rows whose truth has become known in; how the champion does on them against how it did when it was new, out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np

from headrace import catalogue, loading
from headrace.drift.profiling import outcomes_on_held_rows
from headrace.workload import Arrays
from services.drift.truth import Row

ROWS = 5000
"""So many rows at most are answered again, the newest."""

RESAMPLES = 400


@dataclass(frozen=True, slots=True)
class Score:
    """A metric with the bounds that hold it in 9 of 10 samples."""

    estimate: float
    low: float
    high: float
    spread: float

    def __str__(self) -> str:
        return f"{self.estimate:.4f} [{self.low:.4f}, {self.high:.4f}]"


@dataclass(frozen=True, slots=True)
class Performance:
    """The policy's metric on the frozen test set, and on so many labelled rows; and the chance to be so much worse."""

    metric: str
    frozen: Score
    now: Score
    rows: int
    chance: float

    def has_decayed(self, false_alarms: float) -> bool:
        """Whether it got worse, but for a share of false alarms."""
        return self.chance < false_alarms

    @property
    def words(self) -> str:
        """For people."""
        return f"{self.metric} is {self.now} on {self.rows} labelled rows and was {self.frozen} on the test set"


def measure(workload: str, export: Path, labelled: Sequence[Row]) -> Performance | None:
    """Have the exported champion answer labelled rows once more. None where it has no scores to be held against."""
    from headrace.models.scoring import Scorer  # with ONNX Runtime, which most checks do without

    promotion, serving = catalogue.describe(workload).promotion, loading.serving(workload)
    rows = labelled[-ROWS:]
    truth = serving.truth([row.label for row in rows])
    outcomes = Scorer(workload, export).answered([row.instance for row in rows], truth).outcomes
    frozen = _score(workload, promotion.metric, outcomes_on_held_rows(export))
    now = _score(workload, promotion.metric, outcomes)
    if not np.isfinite([frozen.estimate, frozen.spread, now.estimate, now.spread]).all():
        return None
    worse = (frozen.estimate - now.estimate) * (1 if promotion.better == "higher" else -1)
    chance = NormalDist().cdf(-worse / max(float(np.hypot(frozen.spread, now.spread)), 1e-12))
    return Performance(promotion.metric, frozen, now, len(rows), chance)


def _score(workload: str, metric: str, outcomes: Arrays) -> Score:
    metrics, random = loading.serving(workload).metrics, np.random.default_rng(0)
    rows = len(next(iter(outcomes.values())))
    found = [_one(metrics(_drawn(outcomes, random.integers(0, rows, rows))), metric) for _ in range(RESAMPLES)]
    low, high = np.nanquantile(found, [0.05, 0.95])
    return Score(_one(metrics(outcomes), metric), float(low), float(high), float(np.nanstd(found)))


def _drawn(outcomes: Arrays, rows: "np.typing.NDArray[np.int64]") -> Arrays:
    return {name: values[rows] for name, values in outcomes.items()}


def _one(scores: Mapping[str, float], metric: str) -> float:
    return scores.get(metric, float("nan"))
