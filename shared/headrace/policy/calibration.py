"""Outcomes that have probabilities in; how well they are calibrated, beside the workload's own scores, out."""

from collections.abc import Callable, Mapping
from typing import cast

import numpy as np
import numpy.typing as npt

from headrace.workload import Arrays

Metrics = Callable[[Arrays], Mapping[str, float]]
Floats = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]

BINS = 10
PAIRS = (("p", "y"), ("sure", "right"))
"""Columns of outcomes: the probability given to something, and whether it came true."""


def probabilities(outcomes: Arrays, pairs: tuple[tuple[str, str], ...] = PAIRS) -> tuple[Floats, Truth] | None:
    """The probabilities (n,) among the outcomes with what came true (n,), where there are any."""
    for probability, truth in pairs:
        if probability in outcomes and truth in outcomes and outcomes[truth].dtype == np.bool_:
            return outcomes[probability].astype(np.float64), cast(Truth, outcomes[truth])
    return None


def brier(p: Floats, y: Truth) -> float:
    """The mean squared distance of the probabilities from what came true: 0 at best."""
    return float(np.square(p - y).mean())


def ece(p: Floats, y: Truth) -> float:
    """The expected calibration error: how far, in bins of equal width, probabilities are from the shares seen."""
    bins = np.minimum((p * BINS).astype(np.int64), BINS - 1)
    return float(np.abs(np.bincount(bins, p - y)).sum() / len(p))


def with_calibration(metrics: Metrics) -> Metrics:
    """The workload's scores, and `brier` and `ece` where outcomes have probabilities and the workload is silent."""

    def scores(outcomes: Arrays) -> Mapping[str, float]:
        found = probabilities(outcomes)
        calibrated = {"brier": brier(*found), "ece": ece(*found)} if found else {}
        return calibrated | dict(metrics(outcomes))

    return scores
