"""A job as a client sent it in; the same job, complete, or the status it is refused with, out."""

import uuid
from datetime import UTC, datetime
from typing import Any

from google.cloud import run_v2

from localcloud.restserver import RestError
from localcloud.run import fields
from localcloud.run.conditions import condition

_DEFAULT_RETRIES, _MOST_RETRIES = 3, 10
_DEFAULT_TIMEOUT, _LONGEST_TIMEOUT = 600, 7 * 24 * 3600
_MOST_TASKS = 10_000


def complete(job: Any, name: str, before: Any | None = None) -> Any:
    """`job` as the service keeps it under `name`, in place of `before` where it was there."""
    if sentence := fields.JOB.refusal(run_v2.Job.pb(job), "job"):
        raise RestError("UNIMPLEMENTED", sentence)
    _check_template(job.template)
    now = datetime.now(UTC)
    job.name = name
    job.uid = before.uid if before else str(uuid.uuid4())
    job.create_time = before.create_time if before else now
    job.update_time = now
    job.generation = job.observed_generation = before.generation + 1 if before else 1
    job.execution_count = before.execution_count if before else 0
    if before and "latest_created_execution" in before:
        job.latest_created_execution = before.latest_created_execution
    job.etag = new_etag()
    job.terminal_condition = condition("Ready", "SUCCEEDED")
    return job


def check_etag(job: Any, etag: str) -> None:
    """Refuse a change that was made from an older state of the job."""
    if etag and etag != job.etag:
        raise RestError("ABORTED", f"the etag {etag!r} is not that of {job.name}; get the job again")


def new_etag() -> str:
    """An etag that no state of a job had before."""
    return f'"{uuid.uuid4()}"'


def _check_template(template: Any) -> None:
    task = template.template
    if len(task.containers) != 1:
        raise RestError("UNIMPLEMENTED", f"localcloud does not implement {len(task.containers)} containers; give one")
    if not task.containers[0].image:
        raise RestError("INVALID_ARGUMENT", "job.template.template.containers[0].image is empty")
    template.task_count = template.task_count or 1
    check_task_count(template.task_count)
    if not 0 <= template.parallelism <= template.task_count:
        raise RestError("INVALID_ARGUMENT", f"parallelism is {template.parallelism}; give 0 to {template.task_count}")
    if "max_retries" not in task:
        task.max_retries = _DEFAULT_RETRIES
    if not 0 <= task.max_retries <= _MOST_RETRIES:
        raise RestError("INVALID_ARGUMENT", f"max_retries is {task.max_retries}; give 0 to {_MOST_RETRIES}")
    if "timeout" not in task:
        task.timeout = {"seconds": _DEFAULT_TIMEOUT}
    check_timeout(task.timeout.total_seconds())


def check_task_count(count: int) -> None:
    """Refuse a number of tasks that the service does not take."""
    if not 1 <= count <= _MOST_TASKS:
        raise RestError("INVALID_ARGUMENT", f"task_count is {count}; give 1 to {_MOST_TASKS}")


def check_timeout(seconds: float) -> None:
    """Refuse a timeout that the service does not take."""
    if not 0 < seconds <= _LONGEST_TIMEOUT:
        raise RestError("INVALID_ARGUMENT", f"timeout is {seconds} s; give more than 0 and at most 7 days")
