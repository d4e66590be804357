"""Predicted probabilities and labels in; the tables that show how a classifier errs, as CSV, out."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from .codec import LABELS

Floats = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]

_POINTS = 500
_BINS = 20


def drawn(p: Floats, y: Truth) -> Mapping[str, bytes]:
    """Every table by file name, of the probabilities `p` (n,) for the labels `y` (n,)."""
    return {"confusion.csv": _confusion(p, y), "roc.csv": _roc(p, y), "calibration.csv": _calibration(p, y)}


def _confusion(p: Floats, y: Truth) -> bytes:
    """One line a loan: what it was, and what it was taken for when as many are called bad as were."""
    predicted = p >= np.quantile(p, 1 - y.mean())
    pairs = zip(y.tolist(), predicted.tolist(), strict=True)
    return _table(["actual", "predicted"], ((LABELS[was], LABELS[said]) for was, said in pairs))


def _roc(p: Floats, y: Truth) -> bytes:
    """The shares of good and of bad loans that each threshold calls bad."""
    thresholds = np.unique(np.quantile(p, np.linspace(0, 1, _POINTS), method="nearest"))[::-1]
    false, true = (_share_from(p[group], thresholds) for group in (~y, y))
    return _table(["fpr", "tpr", "threshold"], [(0.0, 0.0, 1.0), *zip(false, true, thresholds, strict=True)])


def _calibration(p: Floats, y: Truth) -> bytes:
    """Groups of about equal size by predicted probability: its mean, and the share that was charged off."""
    groups = [group for group in np.array_split(np.argsort(p, kind="stable"), _BINS) if len(group)]
    rows = ((p[group].mean(), y[group].mean(), len(group)) for group in groups)
    return _table(["predicted", "observed", "loans"], rows)


def _share_from(p: Floats, thresholds: Floats) -> Floats:
    """The share of `p` at or above each threshold."""
    below: Floats = np.searchsorted(np.sort(p), thresholds, "left") / max(1, len(p))
    return 1 - below


def _table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    lines = (",".join(f"{cell:.6g}" if isinstance(cell, float) else str(cell) for cell in row) for row in rows)
    return "\n".join([",".join(names), *lines, ""]).encode()
