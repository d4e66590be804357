"""Keys of lines in, object by object; which of them were told before, out; in memory that does not grow."""

import numpy as np

from services.drift.keys import Keys, among

SPAN = 1_000_000
"""What the bus tells again it tells soon: the last so many lines are known, and up to twice as many."""


class Known:
    """Sorted keys of 8 bytes each."""

    def __init__(self) -> None:
        self._last: Keys = np.zeros(0, np.uint64)
        self._before: Keys = np.zeros(0, np.uint64)

    def again(self, keys: Keys) -> frozenset[int]:
        """Those of `keys` that are known."""
        found = among(keys, self._last) | among(keys, self._before)
        return frozenset(keys[found].tolist())

    def add(self, keys: Keys) -> None:
        """Know `keys` from now on."""
        if len(self._last) >= SPAN:
            self._last, self._before = np.zeros(0, np.uint64), self._last
        self._last = np.sort(np.concatenate([self._last, keys]), kind="stable")  # two sorted runs: a merge
