"""The probability of the second class and the truth in; scores, the confusion and the ROC curve out."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]

_EDGE = 1e-7
_POINTS = 200


def scores(p: Floats, y: Truth) -> dict[str, float]:
    """Accuracy and F1 at one half, AUC and log loss of `p` (n,) for the truth `y` (n,)."""
    safe = np.clip(p, _EDGE, 1 - _EDGE)
    ((_, false_alarms), (misses, hits)) = confusion(p, y)
    return {
        "accuracy": float(((p >= 0.5) == y).mean()),
        "f1": 2 * hits / max(2 * hits + misses + false_alarms, 1),
        "auc": _auc(p, y),
        "log_loss": float(-np.log(np.where(y, safe, 1 - safe)).mean()),
    }


def confusion(p: Floats, y: Truth) -> list[list[int]]:
    """How many of each true class (rows) were called each class (columns)."""
    counts: list[list[int]] = np.bincount(2 * y + (p >= 0.5), minlength=4).reshape(2, 2).tolist()
    return counts


def roc(p: Floats, y: Truth) -> Floats:
    """Points (k, 3) of threshold, false positive rate, true positive rate, from the strictest threshold down."""
    order = np.argsort(-p, kind="stable")
    last = np.flatnonzero(np.diff(p[order], append=-np.inf))
    picked = last[np.unique(np.linspace(0, len(last) - 1, _POINTS).astype(np.intp))]
    hits, alarms = y[order].cumsum()[picked], (~y[order]).cumsum()[picked]
    return np.column_stack([p[order][picked], alarms / max((~y).sum(), 1), hits / max(y.sum(), 1)])


def _auc(p: Floats, y: Truth) -> float:
    """The share of pairs in which the second class scores higher, a tie counting half; NaN when a class is absent."""
    positive, negative = p[y], np.sort(p[~y])
    if not len(positive) or not len(negative):
        return float("nan")
    below = np.searchsorted(negative, positive, "left").mean() + np.searchsorted(negative, positive, "right").mean()
    return float(below / (2 * len(negative)))
