"""What happened to a job or task in; its new state, status event and due notifications, in one transaction, out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from google.cloud import batch_v1

from localcloud.batch import names, notifications
from localcloud.batch.store import Store, StoredTask

JobState = batch_v1.JobStatus.State
TaskState = batch_v1.TaskStatus.State
FINISHED_JOB = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
FINISHED_TASK = (TaskState.SUCCEEDED, TaskState.FAILED, TaskState.UNEXECUTED)

_ANY = frozenset(JobState)
_NEXT = {
    JobState.CANCELLATION_IN_PROGRESS: {JobState.CANCELLED, JobState.DELETION_IN_PROGRESS},
    **{finished: {JobState.DELETION_IN_PROGRESS} for finished in FINISHED_JOB},
    JobState.DELETION_IN_PROGRESS: frozenset(),
}


class Record:
    """The history of jobs and tasks, worded as the service words it; `announce` is called when a message is due."""

    def __init__(self, store: Store, announce: Callable[[], None]) -> None:
        self._store = store
        self._announce = announce

    def created(self, parent: names.Parent, job: Any, request_id: str) -> None:
        """A job is QUEUED, its tasks PENDING."""
        job.status.state = JobState.QUEUED
        job.create_time = job.update_time = datetime.now(UTC)
        status = batch_v1.TaskStatus(state=TaskState.PENDING)
        count = job.task_groups[0].task_count
        tasks = [batch_v1.Task(name=names.task(job.name, index), status=status) for index in range(count)]
        with self._store.transaction():
            self._store.add_job(str(parent), job, tasks, request_id)
            self._notify(notifications.of_job(job, JobState.STATE_UNSPECIFIED))

    def job(self, name: str, state: int, why: str = "") -> None:
        """A job changes to `state`; the same state again, or going back on a finish or a cancellation, is no change."""
        with self._store.transaction():
            job = self._store.job(name)
            if job is None or state not in _NEXT.get(job.status.state, _ANY - {job.status.state}):
                return
            before, job.status.state = JobState(job.status.state), JobState(state)
            words = f"Job state is set from {before.name} to {JobState(state).name} for job {name}.{why}"
            job.status.status_events.append(_event(words))
            job.update_time = datetime.now(UTC)
            self._store.save_job(job)
            self._notify(notifications.of_job(job, before))

    def noted(self, name: str, words: str) -> None:
        """An event of the job that changes no state."""
        with self._store.transaction():
            if (job := self._store.job(name)) is not None:
                job.status.status_events.append(_event(words, kind="LOCAL_MACHINE"))
                self._store.save_job(job)

    def task(self, job: str, index: int, state: int, why: str = "", exit_code: int | None = None) -> str:
        """A task changes to `state`; returns the event's words."""
        with self._store.transaction():
            stored = self._task(job, index)
            before, stored.task.status.state = TaskState(stored.state), TaskState(state)
            words = f"Task state is updated from {before.name} to {TaskState(state).name} on {_instance(job, index)}"
            words += f" due to {why}" if why else ""
            event = _event(words)
            event.task_state = TaskState(state)
            if exit_code is not None:
                event.description += f" with exit code {exit_code}."
                event.task_execution = batch_v1.TaskExecution(exit_code=exit_code)
            stored.task.status.status_events.append(event)
            self._store.save_task(job, stored)
            owner = self._store.job(job)
            self._notify(notifications.of_task(owner, index, before, TaskState(state)))
        return str(event.description)

    def retried(self, job: str, index: int, why: str, exit_code: int) -> int:
        """A task's attempt failed and another is due; returns the number of that retry (1 for the first)."""
        with self._store.transaction():
            self.task(job, index, TaskState.FAILED, why, exit_code)
            stored = self._task(job, index)
            retries = stored.retries + 1
            self._store.save_task(job, replace(stored, retries=retries))
            self.task(job, index, TaskState.PENDING, f"retry {retries}")
        return retries

    def _task(self, job: str, index: int) -> StoredTask:
        stored = self._store.task(job, index)
        if stored is None:
            raise LookupError(f"job {job} has no task {index}")
        return stored

    def _notify(self, due: list[notifications.Notification]) -> None:
        for notification in due:
            self._store.put_message(notification.topic, notification.data, notification.attributes)
        if due:
            self._announce()


def _event(words: str, kind: str = "STATUS_CHANGED") -> Any:
    return batch_v1.StatusEvent(type_=kind, description=words, event_time=datetime.now(UTC))


def _instance(job: str, index: int) -> str:
    return f"zones/{names.parent_of_job(job).location}-a/instances/{index}"
