"""True and predicted classes of rows in; scores and counts out."""

import numpy as np
import numpy.typing as npt

from .classes import Identities

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
_EDGE = 1e-7


def scores(truth: Identities, predicted: Identities, p: Floats) -> dict[str, float]:
    """Accuracy, the mean of the classes' F1, and the log loss; `p` (n,) is the probability given to the true class."""
    return {
        "accuracy": float((truth == predicted).mean()),
        "macro_f1": float(f1(confusion(truth, predicted)[1]).mean()),
        "log_loss": float(-np.log(np.clip(p, _EDGE, 1)).mean()),
    }


def confusion(truth: Identities, predicted: Identities) -> tuple[Identities, Counts]:
    """Every class there is, and how many rows (true, predicted) of each came out as each."""
    found, places = np.unique(np.concatenate([truth, predicted]), return_inverse=True)
    pairs = places[: len(truth)] * len(found) + places[len(truth) :]
    return found, np.bincount(pairs, minlength=len(found) ** 2).reshape(len(found), len(found))


def precision(counts: Counts) -> Floats:
    """Of the rows given a class (classes,), the share that is of it; 0 where none was given it."""
    found: Floats = counts.diagonal() / np.maximum(counts.sum(0), 1)
    return found


def recall(counts: Counts) -> Floats:
    """Of the rows of a class (classes,), the share that was given it; 0 where there is none."""
    found: Floats = counts.diagonal() / np.maximum(counts.sum(1), 1)
    return found


def f1(counts: Counts) -> Floats:
    """The harmonic mean of precision and recall (classes,)."""
    found: Floats = 2 * counts.diagonal() / np.maximum(counts.sum(0) + counts.sum(1), 1)
    return found
