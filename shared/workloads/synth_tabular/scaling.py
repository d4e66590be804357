"""The numbers of a split in; the mean and the spread of each column, from one pass in bounded memory, out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from .dataset import Floats

Doubles = npt.NDArray[np.float64]
_CHUNK = 1 << 18
_FILE = "scaling.npy"


@dataclass(frozen=True, slots=True)
class Scaling:
    """Per column (features,): how many values there are, their mean and standard deviation.

    A column of one value, or of none, has a deviation of 1: scaled, it is zero.
    """

    count: Doubles
    mean: Doubles
    deviation: Doubles
    constant: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, x: Floats) -> Self:
        """Moments are merged chunk by chunk, which loses no digits as sums of squares would (Chan et al., 1979)."""
        width = x.shape[1]
        count, mean, squares = np.zeros(width), np.zeros(width), np.zeros(width)
        low, high = np.full(width, np.inf), np.full(width, -np.inf)
        rows = max(_CHUNK // width, 1)
        for start in range(0, len(x), rows):
            chunk = x[start : start + rows].astype(np.float64)
            given = ~np.isnan(chunk)
            more = given.sum(0)
            here = np.where(given, chunk, 0).sum(0) / np.maximum(more, 1)
            total, apart = np.maximum(count + more, 1), here - mean
            squares += np.where(given, (chunk - here) ** 2, 0).sum(0) + apart**2 * count * more / total
            mean += apart * more / total
            count += more
            low, high = np.fmin(low, np.fmin.reduce(chunk)), np.fmax(high, np.fmax.reduce(chunk))
        constant = ~(low < high)
        return cls(count, mean, np.where(constant, 1.0, np.sqrt(squares / np.maximum(count, 1))), constant)

    def write(self, folder: Path) -> None:
        """Write the means and deviations."""
        np.save(folder / _FILE, np.stack([self.mean, self.deviation]))


def read_scaling(folder: Path) -> tuple[Doubles, Doubles]:
    """The means and deviations (features,) that were written to `folder`."""
    mean, deviation = np.load(folder / _FILE)
    return mean, deviation
