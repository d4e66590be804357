"""A line of a task's log in; the LogEntry that Cloud Logging's agents make of it out.

Fields are those of the API's discovery document. Of a line of JSON the agents take severity, time, trace and span out,
and where nothing but the message is left, that is the text.
"""

from datetime import UTC, datetime
from typing import Any

from localcloud.logging.files import Line
from localcloud.logging.filters import Wanted

_TAKEN = {
    "severity": "severity",
    "logging.googleapis.com/trace": "trace",
    "logging.googleapis.com/spanId": "spanId",
}


def entry(line: Line, wanted: Wanted, project: str) -> dict[str, Any]:
    """One entry of the list."""
    folder, name = line.file.parent.name, line.file.stem
    made = {
        "insertId": f"{folder}.{name}.{line.offset}",
        "timestamp": _rfc3339(line.at),
        "receiveTimestamp": _rfc3339(line.at),
        **(_of_batch(wanted, name, project) if wanted.kind == "batch" else _of_run(wanted, folder, name, project)),
    }
    if line.fields is None:
        return made | {"textPayload": line.text}
    taken = {ours: line.fields[theirs] for theirs, ours in _TAKEN.items() if theirs in line.fields}
    payload = {key: value for key, value in line.fields.items() if key not in _TAKEN and key != "time"}
    if set(payload) == {"message"}:
        return made | taken | {"textPayload": str(payload["message"])}
    return made | taken | {"jsonPayload": payload}


def _of_batch(wanted: Wanted, name: str, project: str) -> dict[str, Any]:
    task, _, attempt = name.split("-")
    return {
        "logName": f"projects/{project}/logs/batch_task_logs",
        "resource": {"type": "batch.googleapis.com/Job", "labels": {"resource_container": project}},
        "labels": {
            "job_uid": wanted.key,
            "task_group_name": "group0",
            "task_id": f"task/{wanted.key}-group0-{task}/{attempt}/0",
        },
    }


def _of_run(wanted: Wanted, execution: str, name: str, project: str) -> dict[str, Any]:
    task, attempt = name.split("-")
    return {
        "logName": f"projects/{project}/logs/run.googleapis.com%2Fstderr",
        "resource": {"type": "cloud_run_job", "labels": {"project_id": project, "job_name": wanted.key}},
        "labels": {
            "run.googleapis.com/execution_name": execution,
            "run.googleapis.com/task_index": task,
            "run.googleapis.com/task_attempt": attempt,
        },
    }


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
