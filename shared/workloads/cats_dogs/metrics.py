"""Predicted probabilities and labels in; scores out. Precision, recall and F1 are those of dogs."""

import numpy as np

from .curves import Floats, Truth, confusion, curve

_EDGE = 1e-7


def scores(p: Floats, y: Truth) -> dict[str, float]:
    """Accuracy, precision, recall, F1, AUC and log loss of the probabilities `p` (n,) of a dog for the truth `y` (n,).

    A share of nothing is 0, but the AUC is NaN when a class is absent.
    """
    (right_cats, false_dogs), (missed_dogs, right_dogs) = confusion(p, y).tolist()
    safe = np.clip(p, _EDGE, 1 - _EDGE)
    return {
        "accuracy": (right_cats + right_dogs) / len(y),
        "precision": _share(right_dogs, right_dogs + false_dogs),
        "recall": _share(right_dogs, right_dogs + missed_dogs),
        "f1": _share(2 * right_dogs, 2 * right_dogs + false_dogs + missed_dogs),
        "auc": curve(p, y).area,
        "log_loss": float(-np.log(np.where(y, safe, 1 - safe)).mean()),
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
