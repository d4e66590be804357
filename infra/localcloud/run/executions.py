"""A stored execution in; its tasks run with retries, parallelism and timeout, and its end recorded, out."""

import asyncio
from pathlib import Path
from typing import Any

from google.cloud import run_v2
from google.rpc import code_pb2, status_pb2

from localcloud.processes import Images, Process, UnknownImageError, start
from localcloud.run.record import Record
from localcloud.run.store import Store

_TIMED_OUT = "The configured timeout was reached."
_EXITED = "The container exited with an error."


class ExecutionRun:
    """One execution from its first task to its last. Cancelled, it stops its processes and records nothing."""

    def __init__(self, execution: Any, store: Store, record: Record, host: "Host") -> None:
        self._execution = execution
        self._store = store
        self._record = record
        self._host = host
        self._slots = asyncio.Semaphore(execution.parallelism)

    async def run(self) -> None:
        """Run what of the execution is not finished."""
        async with asyncio.TaskGroup() as running:
            for task in self._unfinished():
                running.create_task(self._run_task(task))
        self._record.finished(self._execution)

    def stopped(self) -> None:
        """Record that the tasks that are not over have been cancelled, and with them the execution."""
        for task in self._unfinished():
            self._record.ended(self._execution, task, "FAILED", reason="CANCELLED")
        self._record.finished(self._execution)

    def _unfinished(self) -> list[Any]:
        return [task for task in self._store.children("task", self._execution.name) if not task.completion_time]

    async def _run_task(self, task: Any) -> None:
        async with self._slots:
            while True:
                self._record.started(self._execution, task)
                result = await self._attempt(task)
                if result is None:
                    return self._record.ended(self._execution, task, "SUCCEEDED")
                if task.retried >= task.max_retries:
                    return self._record.ended(self._execution, task, "FAILED", result)
                self._record.retried(self._execution, task, result)

    async def _attempt(self, task: Any) -> Any | None:
        """How an attempt failed, or None."""
        try:
            command = self._host.command(task.containers[0])
        except UnknownImageError as error:
            return _result(127, str(error))
        process = await self._host.start(self._execution, task, command)
        try:
            async with asyncio.timeout(task.timeout.total_seconds()):
                exit_code = await process.exit_code()
        except TimeoutError:
            return _result(0, _TIMED_OUT)
        finally:
            await process.end(self._host.stop_grace)
        return _result(exit_code, _EXITED) if exit_code else None


class Host:
    """This machine as tasks see it; `stop_grace` is seconds from SIGTERM to SIGKILL."""

    def __init__(self, state: Path, images: Images, environment: dict[str, str], stop_grace: float) -> None:
        self._state = state
        self._images = images
        self._environment = environment
        self.stop_grace = stop_grace

    @property
    def owner(self) -> str:
        """The mark of every process that belongs to this server."""
        return f"run:{self._state}"

    def command(self, container: Any) -> list[str]:
        """What a container runs: its `command` in place of the image's, then its `args`."""
        of_the_image = self._images.command(container.image)
        return [*(container.command or of_the_image), *container.args]

    async def start(self, execution: Any, task: Any, command: list[str]) -> Process:
        """Start an attempt at a task, with its log appended to `logs/EXECUTION/INDEX-ATTEMPT.log`."""
        log = self._state / "logs" / task.execution / f"{task.index}-{task.retried}.log"
        return await start(command, self._variables(execution, task), log, self.owner)

    def _variables(self, execution: Any, task: Any) -> dict[str, str]:
        return {
            **self._environment,
            **{variable.name: variable.value for variable in task.containers[0].env},
            "CLOUD_RUN_JOB": execution.job,
            "CLOUD_RUN_EXECUTION": task.execution,
            "CLOUD_RUN_TASK_INDEX": str(task.index),
            "CLOUD_RUN_TASK_COUNT": str(execution.task_count),
            "CLOUD_RUN_TASK_ATTEMPT": str(task.retried),
        }


def _result(exit_code: int, message: str) -> Any:
    """The attempt result of an exit code as a shell gives it: 128 + n stands for signal n."""
    signal = exit_code - 128 if exit_code > 128 else 0
    status = status_pb2.Status(code=code_pb2.UNKNOWN, message=message)
    return run_v2.TaskAttemptResult(status=status, exit_code=0 if signal else exit_code, term_signal=signal)
