"""Outcomes of one model or two on the same rows in; intervals of scores and of their difference out."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from headrace.policy.calibration import Floats, Metrics
from headrace.policy.promotion import Better, Promotion
from headrace.policy.verdict import Interval
from headrace.workload import Arrays


class Resampled:
    """A model's scores on its rows, and on the same number of rows drawn with replacement, over and over.

    Two models' rows are drawn alike, so that what both owe to the rows cancels out in a difference.
    """

    def __init__(self, policy: Promotion, metrics: Metrics, outcomes: Arrays) -> None:
        self._policy = policy
        self.scores = dict(metrics(outcomes))
        drawn, rows, random = defaultdict(list), rows_of(outcomes), np.random.default_rng(0)
        for _ in range(policy.resamples):
            for name, score in metrics(chosen(outcomes, random.integers(0, rows, rows))).items():
                drawn[name].append(score)
        self._drawn = {name: np.array(scores, np.float64) for name, scores in drawn.items()}

    @property
    def intervals(self) -> Mapping[str, Interval]:
        """Every score with what holds it."""
        return {name: _interval(self._policy, score, self._drawn[name]) for name, score in self.scores.items()}

    def gain(self, rival: "Resampled", metric: str | None = None, better: Better | None = None) -> Interval:
        """What this model is better by than its rival, on the policy's metric or another."""
        name, sign = metric or self._policy.metric, 1.0 if (better or self._policy.better) == "higher" else -1.0
        estimate = sign * (self.scores[name] - rival.scores[name])
        return _interval(self._policy, estimate, sign * (self._drawn[name] - rival._drawn[name]))


def rows_of(outcomes: Arrays) -> int:
    """How many rows the outcomes are of."""
    return len(next(iter(outcomes.values())))


def chosen(outcomes: Arrays, rows: npt.NDArray[np.int64]) -> Arrays:
    """The outcomes of some rows."""
    return {name: column[rows] for name, column in outcomes.items()}


def _interval(policy: Promotion, estimate: float, drawn: Floats) -> Interval:
    """What holds the policy's confidence of the draws; those that are not numbers do not count."""
    numbers = drawn[~np.isnan(drawn)]
    if not len(numbers):
        return Interval(estimate, float("nan"), float("nan"))
    tail = (1 - policy.confidence) / 2
    low, high = np.quantile(numbers, [tail, 1 - tail])
    return Interval(estimate, float(low), float(high))
