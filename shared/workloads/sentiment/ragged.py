"""Rows of different lengths in; two flat arrays that can be mapped from disk, and each row again, out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Ragged:
    """Row `i` is `values[offsets[i]:offsets[i + 1]]`; `offsets` (n + 1,) are int64."""

    values: npt.NDArray[Any]
    offsets: npt.NDArray[np.int64]

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]], dtype: npt.DTypeLike) -> Self:
        """The given rows."""
        offsets = np.cumsum([0, *map(len, rows)], dtype=np.int64)
        return cls(np.fromiter(chain.from_iterable(rows), dtype, int(offsets[-1])), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> npt.NDArray[Any]:
        return self.values[self.offsets[row] : self.offsets[row + 1]]

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """The length (n,) of each row."""
        return np.diff(self.offsets)

    def take(self, rows: npt.NDArray[np.int64]) -> "Ragged":
        """The given rows in the given order."""
        offsets = np.concatenate([[0], self.lengths[rows].cumsum()]).astype(np.int64)
        values = np.empty(offsets[-1], self.values.dtype)
        for place, row in enumerate(rows.tolist()):
            values[offsets[place] : offsets[place + 1]] = self[row]
        return Ragged(values, offsets)

    def padded(self, rows: npt.NDArray[np.int64], padding: int = 0) -> npt.NDArray[np.int64]:
        """The given rows as a matrix as wide as the longest of them, filled up at the end."""
        starts = self.offsets[rows]
        lengths = self.offsets[rows + 1] - starts
        matrix = np.full((len(rows), lengths.max(initial=1)), padding, np.int64)
        for line, start, length in zip(matrix, starts.tolist(), lengths.tolist(), strict=True):
            line[:length] = self.values[start : start + length]
        return matrix

    def write(self, folder: Path, name: str) -> None:
        """Write `name.npy` and `name-offsets.npy` to `folder`."""
        np.save(folder / f"{name}.npy", self.values)
        np.save(folder / f"{name}-offsets.npy", self.offsets)

    @classmethod
    def read(cls, folder: Path, name: str) -> Self:
        """What was written to `folder` as `name`; its values stay on disk until they are asked for."""
        return cls(np.load(folder / f"{name}.npy", mmap_mode="r"), np.load(folder / f"{name}-offsets.npy"))
