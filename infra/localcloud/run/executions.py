"""A stored execution in; its tasks run with retries, parallelism and timeout, and its end recorded, out."""

import asyncio
from typing import Any

from google.cloud import run_v2
from google.rpc import code_pb2, status_pb2

from localcloud.processes import UnknownImageError
from localcloud.run.host import Host
from localcloud.run.record import Record
from localcloud.run.store import Store

_TIMED_OUT = "The configured timeout was reached."
_EXITED = "The container exited with an error."


class ExecutionRun:
    """One execution from its first task to its last. Cancelled, it stops its processes and records nothing."""

    def __init__(self, execution: Any, store: Store, record: Record, host: Host) -> None:
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


def _result(exit_code: int, message: str) -> Any:
    """The attempt result of an exit code as a shell gives it: 128 + n stands for signal n."""
    signal = exit_code - 128 if exit_code > 128 else 0
    status = status_pb2.Status(code=code_pb2.UNKNOWN, message=message)
    return run_v2.TaskAttemptResult(status=status, exit_code=0 if signal else exit_code, term_signal=signal)
