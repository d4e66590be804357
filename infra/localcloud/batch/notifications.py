"""A state change in; the Pub/Sub messages it calls for, as the service writes them, out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.cloud import batch_v1

from localcloud.batch import names

_KINDS = batch_v1.JobNotification.Type


@dataclass(frozen=True, slots=True)
class Notification:
    """A message for one topic."""

    topic: str
    data: bytes
    attributes: Mapping[str, str]


def of_job(job: Any, before: Any) -> list[Notification]:
    """What a job's notifications say about its change from `before` to its state."""
    after = batch_v1.JobStatus.State(job.status.state)
    attributes = {
        "Type": _KINDS.JOB_STATE_CHANGED.name,
        "JobName": job.name,
        "JobUID": job.uid,
        "NewJobState": after.name,
        "OldJobState": before.name,
    }
    data = _words("Job", f"jobUID={job.uid}", before, after)
    wanted = [one for one in job.notifications if _wants(one.message, _KINDS.JOB_STATE_CHANGED, "new_job_state", after)]
    return [Notification(one.pubsub_topic, data, attributes) for one in wanted]


def of_task(job: Any, index: int, before: Any, after: Any) -> list[Notification]:
    """What a job's notifications say about the change of one of its tasks."""
    uid = f"{job.uid}-{names.GROUP}-{index}"
    attributes = {
        "Type": _KINDS.TASK_STATE_CHANGED.name,
        "JobName": job.name,
        "JobUID": job.uid,
        "TaskName": names.task(job.name, index),
        "TaskUID": uid,
        "NewTaskState": after.name,
        "OldTaskState": before.name,
    }
    data = _words("Task", f"taskUID={uid}", before, after)
    wanted = [
        one for one in job.notifications if _wants(one.message, _KINDS.TASK_STATE_CHANGED, "new_task_state", after)
    ]
    return [Notification(one.pubsub_topic, data, attributes) for one in wanted]


def _wants(message: Any, kind: Any, condition: str, after: Any) -> bool:
    """Whether a notification asks for this change: by type, by new state, or by both; for nothing, it asks for none."""
    state = getattr(message, condition)
    return (message.type_ == kind or bool(state)) and state in (0, after)


def _words(what: str, uid: str, before: Any, after: Any) -> bytes:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return (
        f"{what} state was updated: {uid}, previousState={before.name}, currentState={after.name}, timestamp={now}"
    ).encode()
