"""Probabilities and labels in; the confusion matrix and the curves from which scores and figures are made, out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Curve:
    """What follows from calling everything from a threshold on a dog: one point for each threshold, the highest first.

    `hits` and `misses` count the dogs and the cats from the threshold on.
    """

    thresholds: Floats
    hits: Floats
    misses: Floats

    @property
    def recall(self) -> Floats:
        """The share of the dogs that are found; NaN when there is none."""
        return _ratio(self.hits, np.full_like(self.hits, self.hits[-1]))

    @property
    def false_positives(self) -> Floats:
        """The share of the cats that are called dogs; NaN when there is none."""
        return _ratio(self.misses, np.full_like(self.misses, self.misses[-1]))

    @property
    def precision(self) -> Floats:
        """The share of dogs among what is called one."""
        return _ratio(self.hits, self.hits + self.misses)

    @property
    def area(self) -> float:
        """Under recall over false positives: the share of pairs in which the dog looks more like one."""
        recall, false_positives = np.append(0, self.recall), np.append(0, self.false_positives)
        return float(np.trapezoid(recall, false_positives))


def curve(p: Floats, y: Truth) -> Curve:
    """The curve of the probabilities `p` (n,) of a dog for the truth `y` (n,)."""
    order = np.argsort(-p, kind="stable")
    ordered, dogs = p[order], y[order]
    last = np.flatnonzero(np.append(np.diff(ordered) != 0, True))
    hits = dogs.cumsum()[last].astype(np.float64)
    return Curve(ordered[last], hits, last + 1 - hits)


def confusion(p: Floats, y: Truth) -> npt.NDArray[np.int64]:
    """Counts (2, 2): a row for each true class, a column for each answer."""
    return np.bincount(2 * y + (p > 0.5), minlength=4).reshape(2, 2)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)
