"""Jobs in; each dispatched at its ticks, one attempt at a time, out."""

import asyncio
import contextlib
from collections import defaultdict
from datetime import UTC, datetime

from localcloud.scheduler.attempts import Dispatcher
from localcloud.scheduler.jobs import Job, timestamp
from localcloud.scheduler.store import Store

_LONGEST_SLEEP = 30.0  # the wall clock may be set, or the machine suspended, meanwhile


class Ticker:
    """Follows the schedules of all jobs."""

    def __init__(self, store: Store, dispatcher: Dispatcher) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._followed: dict[str, asyncio.Task[None]] = {}
        self._changed: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._in_flight: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._forced: set[asyncio.Task[None]] = set()

    def resume(self) -> None:
        """Follow every job again; a tick that was missed is made up for unless the next one is due too."""
        for job in self._store.jobs():
            now = datetime.now(UTC)
            if job.schedule.after(job.due) <= now:
                self._store.change(job.name, scheduleTime=timestamp(job.schedule.after(now)))
            self.follow(job.name)

    def follow(self, name: str) -> None:
        """Follow a job that is new or was changed; an attempt in flight goes on."""
        self._changed[name].set()
        if name not in self._followed:
            self._followed[name] = asyncio.get_running_loop().create_task(self._follow(name))

    def force(self, name: str) -> None:
        """Dispatch a job now, whatever its schedule and state."""
        task = asyncio.get_running_loop().create_task(self._dispatch(name, datetime.now(UTC)))
        self._forced.add(task)
        task.add_done_callback(self._forced.discard)

    async def close(self) -> None:
        """Stop following, and break off attempts in flight."""
        tasks = [*self._followed.values(), *self._forced]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, name: str) -> None:
        while (job := self._store.get(name)) is not None and job.enabled:
            if await self._is_due(job):
                await self._dispatch(name, job.due)
                self._advance(name, job)
        del self._followed[name], self._changed[name]

    def _advance(self, name: str, fired: Job) -> None:
        """Go on to the first tick still to come, unless the job was given another while it was in flight."""
        now = self._store.get(name)
        if now is not None and now.due == fired.due:
            self._store.change(name, scheduleTime=timestamp(now.schedule.after(max(datetime.now(UTC), fired.due))))

    async def _is_due(self, job: Job) -> bool:
        """Wait until the job is due or changed; False means to look at it again."""
        changed = self._changed[job.name]
        changed.clear()
        left = (job.due - datetime.now(UTC)).total_seconds()
        if left <= 0:
            return True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(left, _LONGEST_SLEEP)):
                await changed.wait()
        return False

    async def _dispatch(self, name: str, tick: datetime) -> None:
        async with self._in_flight[name]:
            await self._dispatcher.dispatch(name, tick)
