"""Jobs to run, cancel, delete and preempt in; at most one run of each, and its long-running operations, out."""

import asyncio
import logging
from typing import Any

from google.cloud import batch_v1

from localcloud.batch.cpus import Cpus
from localcloud.batch.jobs import JobRun
from localcloud.batch.machine import Machine
from localcloud.batch.operations import Operations
from localcloud.batch.record import FINISHED_JOB, JobState, Record
from localcloud.batch.store import Store

_LOG = logging.getLogger(__name__)


class Runs:
    """The jobs that are running in this server."""

    def __init__(self, store: Store, record: Record, operations: Operations, machine: Machine, cpus: Cpus) -> None:
        self._store = store
        self._record = record
        self._operations = operations
        self._machine = machine
        self._cpus = cpus
        self._runs: dict[str, tuple[JobRun, asyncio.Task[None]]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def resume(self) -> None:
        """Go on with what an earlier server left unfinished."""
        for job in self._store.unfinished(FINISHED_JOB):
            state = job.status.state
            if state == JobState.CANCELLATION_IN_PROGRESS:
                self.cancel(job)
            elif state == JobState.DELETION_IN_PROGRESS:
                self.delete(job)
            else:
                self.start(job)

    def start(self, job: Any) -> None:
        """Run a job in the background."""
        run = JobRun(job, self._store, self._record, self._machine, self._cpus)
        task = asyncio.get_running_loop().create_task(run.run(), name=job.name)
        self._runs[job.name] = (run, task)
        task.add_done_callback(self._ended)

    def cancel(self, job: Any) -> None:
        """Stop a job in the background; it is CANCELLED when nothing of it runs any more."""
        self._record.job(job.name, JobState.CANCELLATION_IN_PROGRESS)
        self._end(self._cancel(job))

    def delete(self, job: Any) -> None:
        """Stop a job in the background and forget it."""
        if job.status.state not in FINISHED_JOB:
            self._record.job(job.name, JobState.DELETION_IN_PROGRESS)
        self._end(self._delete(job))

    def preempt(self, name: str, index: int | None) -> int:
        """Preempt task `index` of a job, or all its tasks; returns how many were running."""
        return self._runs[name][0].preempt(index) if name in self._runs else 0

    async def close(self) -> None:
        """Stop every process and record nothing, so that the next server goes on from here."""
        tasks = [task for _, task in self._runs.values()] + list(self._ending)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._runs.pop(task.get_name(), None)
        if not task.cancelled() and (error := task.exception()):
            _LOG.error("job %s cannot go on", task.get_name(), exc_info=error)

    def _end(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _cancel(self, job: Any) -> None:
        await self._stop(job, "the cancellation of the job")
        with self._store.transaction():
            self._record.job(job.name, JobState.CANCELLED)
            self._operations.finish(job.name, "cancel", batch_v1.CancelJobResponse.pb(batch_v1.CancelJobResponse()))

    async def _delete(self, job: Any) -> None:
        await self._stop(job, "the deletion of the job")
        with self._store.transaction():
            self._store.remove_job(job.name)
            self._operations.finish(job.name, "delete")

    async def _stop(self, job: Any, why: str) -> None:
        if job.name in self._runs:
            task = self._runs[job.name][1]
            task.cancel()
            await asyncio.wait([task])
        JobRun(job, self._store, self._record, self._machine, self._cpus).stopped(why)
