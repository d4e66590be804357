"""Cores asked for in; the wait until they are free, in order of priority and arrival, out."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count


class Cpus:
    """A budget of thousandths of cores; who asks for more than there is gets the machine alone."""

    def __init__(self, milli: int) -> None:
        self._total = self._free = milli
        self._waiting: list[tuple[int, int, int, asyncio.Future[None]]] = []
        self._arrival = count()

    @asynccontextmanager
    async def hold(self, milli: int, priority: int) -> AsyncIterator[None]:
        """Hold `milli` thousandths of a core; a higher `priority` is served first, and nobody overtakes the first."""
        need = min(milli, self._total)
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (-priority, next(self._arrival), need, granted))
        self._grant()
        try:
            await granted
            yield
        finally:
            if granted.done() and not granted.cancelled():
                self._free += need
            self._grant()

    def _grant(self) -> None:
        while self._waiting:
            _, _, need, granted = self._waiting[0]
            if not granted.cancelled() and need > self._free:
                return
            heapq.heappop(self._waiting)
            if not granted.cancelled():
                self._free -= need
                granted.set_result(None)
