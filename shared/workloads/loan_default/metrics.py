"""Predicted probabilities and labels in; scores out, all from two sorts so that thousands of resamples are cheap."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_EDGE = 1e-7


def scores(p: Floats, y: npt.NDArray[np.bool_]) -> dict[str, float]:
    """AUC, average precision, log loss, Brier score and accuracy at one half of `p` (n,) for the labels `y` (n,)."""
    positive, negative = np.sort(p[y]), np.sort(p[~y])
    safe = np.clip(p, _EDGE, 1 - _EDGE)
    return {
        "auc": _auc(positive, negative),
        "average_precision": _average_precision(positive, negative),
        "log_loss": float(-np.log(np.where(y, safe, 1 - safe)).mean()),
        "brier": float(np.square(p - y).mean()),
        "accuracy": float(((p >= 0.5) == y).mean()),
    }


def _auc(positive: Floats, negative: Floats) -> float:
    """The share of pairs in which the positive scores higher, a tie counting half; NaN when a class is absent."""
    if not len(positive) or not len(negative):
        return float("nan")
    below = np.searchsorted(negative, positive, "left").mean() + np.searchsorted(negative, positive, "right").mean()
    return float(below / (2 * len(negative)))


def _average_precision(positive: Floats, negative: Floats) -> float:
    """The mean over positives of the precision at their own score; NaN when there is no positive."""
    if not len(positive):
        return float("nan")
    hits = len(positive) - np.searchsorted(positive, positive, "left")
    misses = len(negative) - np.searchsorted(negative, positive, "left")
    return float((hits / (hits + misses)).mean())
