"""What happened to an execution or task in; its new state, and the job's summary of it, in one transaction, out."""

from datetime import UTC, datetime
from typing import Any

from google.cloud import run_v2
from google.longrunning import operations_pb2

from localcloud.run.conditions import condition, replace
from localcloud.run.overrides import task_of
from localcloud.run.store import Store

Status = run_v2.ExecutionReference.CompletionStatus


class Record:
    """The history of executions and tasks."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def created(self, execution: Any, operation: Any) -> None:
        """An execution was asked for, and an operation says how it goes."""
        with self._store.transaction():
            for index in range(execution.task_count):
                self._store.save("task", execution.name, task_of(execution, index), number=index)
            job = self._store.get("job", job_name(execution))
            if job is not None:
                job.execution_count += 1
                self._store.save("job", parent_of(job.name), job, done=True)
            self._save(execution, Status.EXECUTION_PENDING)
            self._store.save("operation", execution.name, operation)

    def started(self, execution: Any, task: Any) -> None:
        """An attempt at a task begins."""
        now = datetime.now(UTC)
        with self._store.transaction():
            if not task.start_time:
                task.start_time = now
                execution.running_count += 1
            task.conditions = replace(task.conditions, condition("Started", "SUCCEEDED"))
            self._save_task(execution, task)
            if not execution.start_time:
                execution.start_time = now
                execution.conditions = replace(execution.conditions, condition("Started", "SUCCEEDED"))
            self._save(execution, Status.EXECUTION_RUNNING)

    def retried(self, execution: Any, task: Any, result: Any) -> None:
        """An attempt failed and another is due."""
        with self._store.transaction():
            task.retried += 1
            execution.retried_count += 1
            task.last_attempt_result = result
            message = f"Retry {task.retried} of {task.max_retries}: {result.status.message}"
            task.conditions = replace(task.conditions, condition("Retry", "RECONCILING", message))
            self._save_task(execution, task)
            self._save(execution, Status.EXECUTION_RUNNING)

    def ended(self, execution: Any, task: Any, state: str, result: Any | None = None, reason: str = "") -> None:
        """A task is over: `state` SUCCEEDED or FAILED, with `reason` CANCELLED where it was stopped."""
        message = f"Task {_short(task.name)} failed with message: {result.status.message}" if result else ""
        with self._store.transaction():
            task.completion_time = datetime.now(UTC)
            task.reconciling = False
            execution.running_count -= bool(task.start_time)
            count = "cancelled_count" if reason == "CANCELLED" else f"{state.lower()}_count"
            setattr(execution, count, getattr(execution, count) + 1)
            if result is not None:
                task.last_attempt_result = result
            task.conditions = replace(task.conditions, condition("Completed", state, message, reason))
            self._save_task(execution, task)
            self._save(execution, Status.EXECUTION_RUNNING)

    def finished(self, execution: Any) -> None:
        """All tasks are over."""
        if execution.cancelled_count:
            end, state, reason = Status.EXECUTION_CANCELLED, "FAILED", "CANCELLED"
            message = "The execution was cancelled."
        elif execution.failed_count:
            end, state, reason = Status.EXECUTION_FAILED, "FAILED", "NON_ZERO_EXIT_CODE"
            failed = (one for one in self._store.children("task", execution.name) if _failure(one))
            message = next(map(_failure, failed), "")
        else:
            end, state, reason, message = Status.EXECUTION_SUCCEEDED, "SUCCEEDED", "", ""
        with self._store.transaction():
            execution.completion_time = datetime.now(UTC)
            execution.reconciling = False
            execution.conditions = replace(execution.conditions, condition("Completed", state, message, reason))
            self._save(execution, end, done=True)
            for operation in self._store.children("operation", execution.name):
                self._store.save("operation", execution.name, completed(operation, execution), done=True)

    def _save_task(self, execution: Any, task: Any) -> None:
        task.update_time = datetime.now(UTC)
        self._store.save("task", execution.name, task, number=task.index)

    def _save(self, execution: Any, status: Any, done: bool = False) -> None:
        execution.update_time = datetime.now(UTC)
        self._store.save("execution", job_name(execution), execution, done=done)
        job = self._store.get("job", job_name(execution))
        if job is None:
            return
        latest = job.latest_created_execution
        if latest.create_time and latest.create_time > execution.create_time:
            return
        job.latest_created_execution = run_v2.ExecutionReference(
            name=_short(execution.name),
            create_time=execution.create_time,
            completion_time=execution.completion_time,
            completion_status=status,
        )
        self._store.save("job", parent_of(job.name), job, done=True)


def completed(operation: Any, response: Any) -> Any:
    """`operation`, done, with a proto-plus message as its metadata and response."""
    operation.done = True
    operation.metadata.Pack(type(response).pb(response))
    operation.response.Pack(type(response).pb(response))
    return operation


def new_operation(name: str, about: Any) -> Any:
    """A running operation with a proto-plus message as its metadata."""
    operation = operations_pb2.Operation(name=name)
    operation.metadata.Pack(type(about).pb(about))
    return operation


def job_name(execution: Any) -> str:
    """The full name of an execution's job."""
    return str(execution.name.partition("/executions/")[0])


def parent_of(job: str) -> str:
    """Where a job lives."""
    return job.partition("/jobs/")[0]


def _failure(task: Any) -> str:
    failed = run_v2.Condition.State.CONDITION_FAILED
    return next((one.message for one in task.conditions if one.type_ == "Completed" and one.state == failed), "")


def _short(name: str) -> str:
    return name.rpartition("/")[2]
