"""A stored job in; its tasks run with retries, parallelism and cores as the job says, and its final state, out."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from google.cloud import batch_v1

from localcloud.batch import names
from localcloud.batch.attempts import Attempt, is_logged
from localcloud.batch.barriers import Barriers
from localcloud.batch.cpus import Cpus
from localcloud.batch.hosts import Nodes
from localcloud.batch.machine import Machine
from localcloud.batch.policy import STOPPED, retries_again
from localcloud.batch.record import FINISHED_TASK, JobState, Record, TaskState
from localcloud.batch.store import Store, StoredTask


class TaskFailedError(Exception):
    """A task failed for good; the message is what the job's status says about it."""


class JobRun:
    """One job from SCHEDULED to SUCCEEDED or FAILED. Cancelled, it stops its processes and records nothing."""

    def __init__(self, job: Any, store: Store, record: Record, machine: Machine, cpus: Cpus) -> None:
        self._job = job
        self._store = store
        self._record = record
        self._machine = machine
        self._cpus = cpus
        self._group = job.task_groups[0]
        self._slots = asyncio.Semaphore(self._group.parallelism)
        self._barriers = Barriers(self._group.task_count)
        self._attempts: dict[int, Attempt] = {}
        self._failed = False

    async def run(self) -> None:
        """Run what of the job is not finished."""
        self._prepare()
        try:
            tasks = self._store.tasks(self._job.name)
            _check_none_failed(tasks)
            async with self._cores_of_a_gang(), asyncio.TaskGroup() as running:
                for stored in tasks:
                    running.create_task(self._run_task(stored))
        except* TaskFailedError as failures:
            with self._store.transaction():
                self.stopped("the failure of another task")
                why = f"Job failed due to task failure. {failures.exceptions[0]}"
                self._record.job(self._job.name, JobState.FAILED, why)
        else:
            self._record.job(self._job.name, JobState.SUCCEEDED)

    def preempt(self, index: int | None) -> int:
        """Preempt the running attempt of task `index`, or of every task; returns how many there were."""
        chosen = [attempt for task, attempt in self._attempts.items() if index in (None, task)]
        for attempt in chosen:
            attempt.preempt()
        return len(chosen)

    def stopped(self, why: str) -> None:
        """Record that what was running has been stopped and that the rest will not run."""
        for stored in self._store.tasks(self._job.name):
            if stored.state == TaskState.RUNNING:
                self._record.task(self._job.name, stored.index, TaskState.FAILED, why, STOPPED)
            elif stored.state not in FINISHED_TASK:
                self._record.task(self._job.name, stored.index, TaskState.UNEXECUTED, why)

    def _prepare(self) -> None:
        if self._job.status.state == JobState.QUEUED:
            self._record.job(self._job.name, JobState.SCHEDULED)
            if absent := _accelerators(self._job):
                self._record.noted(self._job.name, f"Tasks run without {absent}, with the GPUs of this machine if any.")
        if is_logged(self._job):
            self._machine.name_log(names.short(self._job.name), self._job.uid)
        if self._group.require_hosts_file:
            Nodes.of(self._group).write(self._machine.hosts_file(self._job.uid))

    async def _run_task(self, stored: StoredTask) -> None:
        index = stored.index
        if stored.state == TaskState.SUCCEEDED:
            await self._barriers.finish(index)
            return
        if stored.state != TaskState.PENDING:
            self._record.task(self._job.name, index, TaskState.PENDING, "a restart of the server")
        async with self._slots, self._cores_of_a_task():
            await self._run_attempts(index, stored.retries)
        await self._barriers.finish(index)

    async def _run_attempts(self, index: int, retries: int) -> None:
        name, spec = self._job.name, self._group.task_spec
        while not self._failed:
            self._record.task(name, index, TaskState.ASSIGNED)
            self._record.task(name, index, TaskState.RUNNING)
            self._record.job(name, JobState.RUNNING)
            attempt = self._attempts[index] = Attempt(self._machine, self._job, index, retries, self._barriers)
            try:
                outcome = await attempt.run()
            finally:
                del self._attempts[index]
            if outcome.exit_code == 0:
                self._record.task(name, index, TaskState.SUCCEEDED)
                return
            if not retries_again(spec, outcome.exit_code, retries):
                # The next task gets this one's slot before the group hears of the failure.
                self._failed = True
                words = self._record.task(name, index, TaskState.FAILED, outcome.why, outcome.exit_code)
                raise _failed(index, words)
            retries = self._record.retried(name, index, outcome.why, outcome.exit_code)

    @contextlib.asynccontextmanager
    async def _cores_of_a_gang(self) -> AsyncIterator[None]:
        """Tasks that wait for one another get their cores all at once, or two such jobs could lock each other out."""
        if not _is_gang(self._group):
            yield
            return
        milli = self._group.task_spec.compute_resource.cpu_milli * self._group.parallelism
        async with self._cpus.hold(milli, self._job.priority):
            yield

    @contextlib.asynccontextmanager
    async def _cores_of_a_task(self) -> AsyncIterator[None]:
        if _is_gang(self._group):
            yield
            return
        async with self._cpus.hold(self._group.task_spec.compute_resource.cpu_milli, self._job.priority):
            yield


def _is_gang(group: Any) -> bool:
    return bool(group.require_hosts_file) or any("barrier" in runnable for runnable in group.task_spec.runnables)


def _check_none_failed(tasks: list[StoredTask]) -> None:
    """A server may have died between a task's failure and the job's."""
    for stored in tasks:
        if stored.state == TaskState.FAILED:
            raise _failed(stored.index, stored.task.status.status_events[-1].description)


def _failed(index: int, words: str) -> TaskFailedError:
    return TaskFailedError(f'Specifically, task with index {index} failed due to the following task event: "{words}"')


def _accelerators(job: Any) -> str:
    instances = job.allocation_policy.instances
    asked = [accelerator for instance in instances for accelerator in instance.policy.accelerators]
    return ", ".join(f"{accelerator.count} x {accelerator.type_}" for accelerator in asked)


def is_spot(job: Any) -> bool:
    """Whether the job's VMs can be preempted."""
    models = batch_v1.AllocationPolicy.ProvisioningModel
    spot = (models.SPOT, models.PREEMPTIBLE)
    return any(instance.policy.provisioning_model in spot for instance in job.allocation_policy.instances)
