"""Loans in any order, block by block, in; the same loans by key out, block by block, memory flat."""

from collections.abc import Iterator
from typing import IO

import numpy as np
import numpy.typing as npt

from .cleaner import LOAN, Loans
from .sources import ROWS

_BUCKETS = 256


class Sorter:
    """An external sort: sorted runs in one file, each cut into buckets by the first byte of the keys.

    Keys are hashes, so that buckets are of one size; as many as make a block are merged at a time.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._rows = 0
        self._cuts: list[npt.NDArray[np.int64]] = []

    def add(self, loans: Loans) -> None:
        """Take a block."""
        loans = _by_key(loans)
        cuts = np.searchsorted(loans["key"] >> np.uint64(56), np.arange(_BUCKETS + 1))
        self._cuts.append(cuts + self._rows)
        self._rows += len(loans)
        self._file.write(loans.tobytes())

    def blocks(self) -> Iterator[Loans]:
        """All loans by key and label; loans that agree in both are the same."""
        step = max(1, _BUCKETS * ROWS // max(1, self._rows))
        for first in range(0, _BUCKETS, step):
            last = min(first + step, _BUCKETS)
            yield _by_key(np.concatenate([self._read(cuts[first], cuts[last]) for cuts in self._cuts]))

    def _read(self, start: int, stop: int) -> Loans:
        self._file.seek(int(start) * LOAN.itemsize)
        return np.frombuffer(self._file.read(int(stop - start) * LOAN.itemsize), LOAN)


def _by_key(loans: Loans) -> Loans:
    return loans[np.lexsort((loans["label"], loans["key"]))]
