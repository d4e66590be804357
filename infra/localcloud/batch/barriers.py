"""Tasks that arrive at a barrier in; all of them released together out."""

import asyncio
from collections import defaultdict


class Barriers:
    """The barriers of one task group; a finished task holds up nobody, and an open barrier stays open."""

    def __init__(self, tasks: int) -> None:
        self._tasks = tasks
        self._finished: set[int] = set()
        self._arrived: defaultdict[int, set[int]] = defaultdict(set)
        self._moved = asyncio.Condition()

    async def reach(self, barrier: int, task: int) -> None:
        """Wait until every task has reached `barrier` (the index of its runnable)."""
        async with self._moved:
            self._arrived[barrier].add(task)
            self._moved.notify_all()
            await self._moved.wait_for(lambda: len(self._arrived[barrier] | self._finished) >= self._tasks)

    async def finish(self, task: int) -> None:
        """Count `task` as past every barrier."""
        async with self._moved:
            self._finished.add(task)
            self._moved.notify_all()
