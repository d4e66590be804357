"""Executions to run and cancel in; at most one run of each out."""

import asyncio
import logging
from typing import Any

from localcloud.run.executions import ExecutionRun
from localcloud.run.host import Host
from localcloud.run.record import Record
from localcloud.run.store import Store

_LOG = logging.getLogger(__name__)


class Runs:
    """The executions that are running in this server."""

    def __init__(self, store: Store, record: Record, host: Host) -> None:
        self._store = store
        self._record = record
        self._host = host
        self._runs: dict[str, tuple[ExecutionRun, asyncio.Task[None]]] = {}

    def resume(self) -> None:
        """Go on with what an earlier server left unfinished."""
        for execution in self._store.unfinished("execution"):
            self.start(execution)

    def start(self, execution: Any) -> None:
        """Run an execution in the background."""
        run = ExecutionRun(execution, self._store, self._record, self._host)
        task = asyncio.get_running_loop().create_task(run.run(), name=execution.name)
        self._runs[execution.name] = (run, task)
        task.add_done_callback(self._ended)

    async def cancel(self, name: str) -> None:
        """Stop an execution and record it as cancelled; one that is over stays as it is."""
        if name not in self._runs:
            return
        run, task = self._runs[name]
        task.cancel()
        await asyncio.wait([task])
        if task.cancelled():
            run.stopped()

    async def close(self) -> None:
        """Stop every process and record nothing, so that the next server goes on from here."""
        tasks = [task for _, task in self._runs.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._runs.pop(task.get_name(), None)
        if not task.cancelled() and (error := task.exception()):
            _LOG.error("execution %s cannot go on", task.get_name(), exc_info=error)
