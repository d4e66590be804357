"""Rows of a window, some at a time, in; as many of them as people look at, drawn at random, out."""

from collections.abc import Sequence
from itertools import chain
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
        together = stacked((self._columns, columns), (before, len(keys)))
        self._columns = {name: values[chosen] for name, values in together.items()}
        self._keys = both[chosen]


def stacked(parts: Sequence[Arrays], sizes: Sequence[int]) -> dict[str, npt.NDArray[np.generic]]:
    """The columns of parts with so many rows each, one after the other; where a part has none, it is missing."""
    return {name: _joined(parts, name, sizes) for name in dict.fromkeys(chain.from_iterable(parts))}


def _joined(parts: Sequence[Arrays], name: str, sizes: Sequence[int]) -> npt.NDArray[np.generic]:
    given = [part.get(name) for part in parts]
    kind = next(values.dtype for values in given if values is not None)
    missing = np.nan if kind.kind == "f" else None
    filled = [np.full(size, missing, kind) if v is None else v for v, size in zip(given, sizes, strict=True)]
    return np.concatenate(filled)
