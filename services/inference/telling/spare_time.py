"""Whether answering needs every core in; whether there is time for what nobody waits for, out."""

from collections.abc import Callable
from math import inf
from time import monotonic, sleep

SELDOM = 0.2
"""Seconds after which it comes all the same, so that something is seen of a service that never rests."""

_LOOK = 0.01


class SpareTime:
    """Time for work that is worth less than an answer coming soon.

    It comes when a core is free, and every `SELDOM`. It is waited for until too much work has piled up.
    """

    def __init__(self, busy: Callable[[], bool], crowded: Callable[[], bool]) -> None:
        self.missed = 0
        self._busy, self._crowded = busy, crowded
        self._came = -inf

    def comes(self) -> bool:
        """Wait for it; False, and counted as missed, where it does not come before too much work has piled up."""
        while self._busy() and monotonic() < self._came + SELDOM:
            if self._crowded():
                self.missed += 1
                return False
            sleep(_LOOK)
        self._came = monotonic()
        return True
