"""A job as a client sent it in; the same job, complete, or the status the service refuses it with, out."""

import re
from typing import Any, NoReturn

from google.cloud import batch_v1
from grpc import StatusCode

from localcloud.batch import fields
from localcloud.batch.names import Parent
from localcloud.grpcserver import StatusError

_JOB_ID = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_TOPIC = re.compile(r"projects/[^/]+/topics/[^/]+")
_SHARING = re.compile(r"(--(network|net|ipc)[= ]host|--shm-size[= ]\S+)")
_LONGEST_RUN = 14 * 24 * 3600
_MOST_TASKS = 10_000
_POLICY = batch_v1.AllocationPolicy


def job_id(given: str) -> str:
    """`given`, when it is one the service takes."""
    if not _JOB_ID.fullmatch(given):
        _invalid(f"job_id {given!r} must match {_JOB_ID.pattern}")
    return given


def complete(job: Any, parent: Parent) -> Any:
    """A copy of `job` with the service's defaults filled in; raises where it is wrong or cannot be honoured."""
    if sentence := fields.JOB.refusal(batch_v1.Job.pb(job), "job"):
        _unimplemented(sentence)
    if len(job.task_groups) != 1:
        _invalid(f"job.task_groups has {len(job.task_groups)} groups; give exactly one")
    if not 0 <= job.priority < 100:
        _invalid(f"job.priority is {job.priority}; give 0 to 99")
    done = batch_v1.Job(job)
    done.status = batch_v1.JobStatus()
    _complete_group(done.task_groups[0])
    _check_allocation(done.allocation_policy, parent)
    for notification in done.notifications:
        _check_notification(notification)
    if done.logs_policy.destination == batch_v1.LogsPolicy.Destination.PATH:
        _unimplemented("localcloud does not implement job.logs_policy.destination PATH; use CLOUD_LOGGING")
    return done


def _complete_group(group: Any) -> None:
    if group.task_environments:
        group.task_count = len(group.task_environments)
    group.task_count = group.task_count or 1
    if not 1 <= group.task_count <= _MOST_TASKS:
        _invalid(f"task_count is {group.task_count}; give 1 to {_MOST_TASKS}")
    if group.parallelism < 0 or group.task_count_per_node < 0:
        _invalid("parallelism and task_count_per_node must not be negative")
    in_order = group.scheduling_policy == batch_v1.TaskGroup.SchedulingPolicy.IN_ORDER
    if in_order and group.parallelism not in (0, 1):
        _invalid(f"scheduling_policy IN_ORDER needs parallelism 1, not {group.parallelism}")
    group.parallelism = 1 if in_order else min(group.parallelism or group.task_count, group.task_count)
    _complete_spec(group.task_spec)
    if any("barrier" in runnable for runnable in group.task_spec.runnables) and group.parallelism < group.task_count:
        _invalid(
            f"tasks wait for one another at a barrier, so parallelism must be task_count ({group.task_count}), "
            f"not {group.parallelism}"
        )


def _complete_spec(spec: Any) -> None:
    if not spec.runnables:
        _invalid("task_spec.runnables is empty; give at least one")
    if not 0 <= spec.max_retry_count <= 10:
        _invalid(f"max_retry_count is {spec.max_retry_count}; give 0 to 10")
    if "max_run_duration" in spec and not 0 < spec.max_run_duration.total_seconds() <= _LONGEST_RUN:
        _invalid(f"max_run_duration is {spec.max_run_duration}; give more than 0 and at most 14 days")
    if spec.compute_resource.cpu_milli < 0:
        _invalid(f"cpu_milli is {spec.compute_resource.cpu_milli}; it must not be negative")
    spec.compute_resource.cpu_milli = spec.compute_resource.cpu_milli or 2000
    spec.compute_resource.memory_mib = spec.compute_resource.memory_mib or 2000
    if len(spec.lifecycle_policies) > 1:
        _invalid("task_spec.lifecycle_policies has more than one policy; the service takes one")
    for policy in spec.lifecycle_policies:
        if not policy.action or not policy.action_condition.exit_codes:
            _invalid("a lifecycle policy needs an action and action_condition.exit_codes")
    for index, runnable in enumerate(spec.runnables):
        _check_runnable(runnable, f"runnables[{index}]")


def _check_runnable(runnable: Any, where: str) -> None:
    if not any(kind in runnable for kind in ("container", "script", "barrier")):
        _invalid(f"{where} has none of container, script and barrier")
    if "timeout" in runnable and runnable.timeout.total_seconds() <= 0:
        _invalid(f"{where}.timeout is {runnable.timeout}; it must be more than 0")
    if "script" in runnable and not runnable.script.text:
        _invalid(f"{where}.script.text is empty")
    if "container" in runnable:
        _check_container(runnable.container, f"{where}.container")


def _check_container(container: Any, where: str) -> None:
    if not container.image_uri:
        _invalid(f"{where}.image_uri is empty")
    for volume in container.volumes:
        source, _, rest = volume.partition(":")
        if source != rest.partition(":")[0]:
            _unimplemented(
                f"localcloud does not implement {where}.volumes {volume!r}: nothing is mounted elsewhere here"
            )
    if left := _SHARING.sub("", container.options).strip():
        _unimplemented(f"localcloud does not implement {where}.options {left!r}; only --network host and --ipc host")


def _check_allocation(policy: Any, parent: Parent) -> None:
    if len(policy.instances) > 1:
        _invalid("allocation_policy.instances has more than one entry; the service reads only the first")
    for instance in policy.instances:
        model = instance.policy.provisioning_model
        if model in (_POLICY.ProvisioningModel.RESERVATION_BOUND, _POLICY.ProvisioningModel.FLEX_START):
            _unimplemented(f"localcloud does not implement provisioning_model {model.name}; use SPOT or STANDARD")
    for location in policy.location.allowed_locations:
        kind, _, place = location.partition("/")
        region = place if kind == "regions" else place.rpartition("-")[0]
        if region != parent.location:
            _invalid(f"allowed_locations has {location!r}, which is outside the job's location {parent.location!r}")


def _check_notification(notification: Any) -> None:
    if not _TOPIC.fullmatch(notification.pubsub_topic):
        _invalid(f"notifications.pubsub_topic {notification.pubsub_topic!r} is not projects/PROJECT/topics/TOPIC")
    message, kinds = notification.message, batch_v1.JobNotification.Type
    of_job = message.type_ == kinds.JOB_STATE_CHANGED or message.new_job_state
    of_task = message.type_ == kinds.TASK_STATE_CHANGED or message.new_task_state
    if of_job and of_task:
        _invalid("notifications.message is about jobs and tasks at once; give one notification for each")


def _invalid(message: str) -> NoReturn:
    raise StatusError(StatusCode.INVALID_ARGUMENT, message)


def _unimplemented(message: str) -> NoReturn:
    raise StatusError(StatusCode.UNIMPLEMENTED, message)
