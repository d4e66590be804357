"""A job and what one run changes of it in; the execution that this makes, and its tasks, out."""

import secrets
import string
import uuid
from datetime import UTC, datetime
from typing import Any

from google.cloud import run_v2

from localcloud.restserver import RestError
from localcloud.run.conditions import condition
from localcloud.run.jobs import check_task_count, check_timeout

_LETTERS = string.ascii_lowercase + string.digits


def execution_of(job: Any, overrides: Any) -> Any:
    """A new execution of `job`, not started."""
    template = run_v2.TaskTemplate(job.template.template)
    task_count = overrides.task_count or job.template.task_count
    check_task_count(task_count)
    if "timeout" in overrides:
        check_timeout(overrides.timeout.total_seconds())
        template.timeout = overrides.timeout
    for override in overrides.container_overrides:
        _change(template.containers[0], override)
    now = datetime.now(UTC)
    return run_v2.Execution(
        name=f"{job.name}/executions/{_short(job.name)}-{''.join(secrets.choice(_LETTERS) for _ in range(5))}",
        uid=str(uuid.uuid4()),
        generation=1,
        observed_generation=1,
        labels=dict(job.template.labels),
        annotations=dict(job.template.annotations),
        create_time=now,
        update_time=now,
        job=_short(job.name),
        parallelism=min(job.template.parallelism or task_count, task_count),
        task_count=task_count,
        template=template,
        reconciling=True,
        conditions=[condition("Completed", "RECONCILING"), condition("ContainerReady", "SUCCEEDED")],
        etag=f'"{uuid.uuid4()}"',
    )


def task_of(execution: Any, index: int) -> Any:
    """Task number `index` of a new execution, not started."""
    template = execution.template
    return run_v2.Task(
        name=f"{execution.name}/tasks/{_short(execution.name)}-task{index}",
        uid=str(uuid.uuid4()),
        generation=1,
        create_time=execution.create_time,
        scheduled_time=execution.create_time,
        update_time=execution.create_time,
        job=execution.job,
        execution=_short(execution.name),
        containers=template.containers,
        max_retries=template.max_retries,
        timeout=template.timeout,
        service_account=template.service_account,
        index=index,
        reconciling=True,
        conditions=[condition("Completed", "RECONCILING")],
    )


def _change(container: Any, override: Any) -> None:
    if override.name and override.name != container.name:
        raise RestError("INVALID_ARGUMENT", f"the job has no container {override.name!r}; it has {container.name!r}")
    if override.clear_args:
        container.args = []
    if override.args:
        container.args = override.args
    changed = {variable.name: variable for variable in override.env}
    if any(variable.value_source for variable in changed.values()):
        raise RestError("UNIMPLEMENTED", "localcloud does not implement overrides.env.value_source; give the value")
    container.env = [*(one for one in container.env if one.name not in changed), *changed.values()]


def _short(name: str) -> str:
    return name.rpartition("/")[2]
