"""One attempt at a task in; its runnables run one after another, and how it ended, out."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.cloud import batch_v1

from localcloud.batch import names
from localcloud.batch.barriers import Barriers
from localcloud.batch.environment import variables
from localcloud.batch.machine import Machine
from localcloud.batch.policy import OVER_RUN_TIME, PREEMPTED
from localcloud.processes import Process, UnknownImageError, start

_NO_IMAGE = 125  # what docker run exits with when it has no image


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt or a runnable ended; `why` is the service's wording, empty for a plain exit code."""

    exit_code: int
    why: str = ""


_OVER_TIME = Outcome(OVER_RUN_TIME, "task runs over the maximum runtime")


class Attempt:
    """Runs a task once. It leaves no process behind, however it ends."""

    def __init__(self, machine: Machine, job: Any, index: int, retries: int, barriers: Barriers) -> None:
        self._machine = machine
        self._job = job
        self._index = index
        self._retries = retries
        self._barriers = barriers
        self._spec = job.task_groups[0].task_spec
        self._grace = machine.stop_grace
        self._preempted = False
        self._work: asyncio.Task[Outcome] | None = None

    async def run(self) -> Outcome:
        """Run to the end; cancelled, it stops its processes first."""
        self._work = asyncio.ensure_future(self._within_run_duration())
        try:
            return await self._work
        except asyncio.CancelledError:
            if self._preempted and not _is_cancelled():
                return Outcome(PREEMPTED, "Spot VM preemption")
            raise

    def preempt(self) -> None:
        """Take the Spot VM away: the processes get SIGTERM now, SIGKILL after the preemption's grace."""
        self._preempted = True
        self._grace = self._machine.preemption_grace
        if self._work is not None:
            self._work.cancel()

    async def _within_run_duration(self) -> Outcome:
        limit = self._spec.max_run_duration.total_seconds() if "max_run_duration" in self._spec else None
        try:
            async with contextlib.AsyncExitStack() as background, asyncio.timeout(limit):
                return await self._run_all(background)
        except TimeoutError:
            return _OVER_TIME

    async def _run_all(self, background: contextlib.AsyncExitStack) -> Outcome:
        outcome = Outcome(0)
        for number, runnable in enumerate(self._spec.runnables):
            if outcome.exit_code and not runnable.always_run:
                continue
            if "barrier" in runnable:
                await self._barriers.reach(number, self._index)
                continue
            result = await self._run_one(number, runnable, background)
            if result.exit_code and not runnable.ignore_exit_status and not outcome.exit_code:
                outcome = result
        return outcome

    async def _run_one(self, number: int, runnable: Any, background: contextlib.AsyncExitStack) -> Outcome:
        limit = runnable.timeout.total_seconds() if "timeout" in runnable else None
        try:
            command = self._command(number, runnable)
        except UnknownImageError as error:
            return Outcome(_NO_IMAGE, str(error))
        running = self._process(number, runnable, command)
        if runnable.background:
            await background.enter_async_context(running)
            return Outcome(0)
        try:
            async with asyncio.timeout(limit), running as process:
                return Outcome(await process.exit_code())
        except TimeoutError:
            return _OVER_TIME

    def _command(self, number: int, runnable: Any) -> list[str]:
        if "container" in runnable:
            command = self._machine.images.command(runnable.container.image_uri)
            entrypoint = runnable.container.entrypoint
            return [*([entrypoint] if entrypoint else command), *runnable.container.commands]
        script = self._machine.script(self._job.uid, self._index, number)
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(runnable.script.text)
        script.chmod(0o700)
        return [str(script)] if runnable.script.text.startswith("#!") else ["/bin/sh", str(script)]

    @contextlib.asynccontextmanager
    async def _process(self, number: int, runnable: Any, command: list[str]) -> AsyncIterator[Process]:
        environment = variables(self._machine, self._job, self._index, self._retries, runnable)
        process = await start(command, environment, self._log(number), self._machine.owner)
        try:
            yield process
        finally:
            await process.end(self._grace)

    def _log(self, number: int) -> Path | None:
        if not is_logged(self._job):
            return None
        return self._machine.log(names.short(self._job.name), self._index, number, self._retries)


def is_logged(job: Any) -> bool:
    """Whether what the job's tasks write is kept."""
    return bool(job.logs_policy.destination == batch_v1.LogsPolicy.Destination.CLOUD_LOGGING)


def _is_cancelled() -> bool:
    """Whether it is the running coroutine that somebody cancelled, not what it awaited."""
    current = asyncio.current_task()
    return current is not None and current.cancelling() > 0
