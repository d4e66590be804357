"""Rows of a window, some at a time, in; as many of them as people look at, drawn at random, out."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import numpy.typing as npt

from headrace.workload import Arrays

ROWS = 2000


class Sample:
    """Gives each row a random number and keeps those with the smallest, so that samples of parts make one of all."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._keys: npt.NDArray[np.float64] = np.zeros(0)
        self._columns: Arrays = {}

    @property
    def columns(self) -> Arrays:
        """What was drawn, by column."""
        return self._columns

    def add(self, columns: Arrays, rows: int) -> None:
        """Draw from so many more rows."""
        self._merge(self._random.random(rows), columns)

    def merge(self, other: Self) -> None:
        """Draw from what another sample was drawn from, too."""
        if len(other._keys):
            self._merge(other._keys, other._columns)

    def _merge(self, keys: npt.NDArray[np.float64], columns: Arrays) -> None:
        if len(self._keys) == ROWS:  # most rows of a large window are out at once
            kept = np.flatnonzero(keys < self._keys.max())
            keys, columns = keys[kept], {name: values[kept] for name, values in columns.items()}
        before, both = len(self._keys), np.concatenate([self._keys, keys])
        chosen = np.argsort(both)[:ROWS]
        names = dict.fromkeys((*self._columns, *columns))
        sizes = (before, len(keys))
        self._columns = {name: _joined((self._columns, columns), name, sizes)[chosen] for name in names}
        self._keys = both[chosen]


def _joined(parts: Sequence[Arrays], name: str, sizes: Sequence[int]) -> npt.NDArray[np.generic]:
    """One column of two parts; where one has none, it is missing there."""
    given = [part.get(name) for part in parts]
    kind = next(values.dtype for values in given if values is not None)
    missing = np.nan if kind.kind == "f" else None
    filled = [np.full(size, missing, kind) if v is None else v for v, size in zip(given, sizes, strict=True)]
    return np.concatenate(filled)
