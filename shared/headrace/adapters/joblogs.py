"""What jobs write, read back from Cloud Logging's REST API: a job's newest lines, in the order of time."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import requests
from google.auth.exceptions import GoogleAuthError

from headrace.adapters import access
from headrace.errors import Unavailable
from headrace.ports import LogLine

SERVICE = "https://logging.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/logging.read"
PATIENCE_SECONDS = 20.0


class CloudLogging:
    """The log entries of one project, or of whatever answers at `endpoint` (host:port, no TLS)."""

    def __init__(self, project: str, endpoint: str = "") -> None:
        self._project = project
        self._url = f"{f'http://{endpoint}' if endpoint else SERVICE}/v2/entries:list"
        self._session = requests.Session() if endpoint else access.authorized(SCOPE, "no log can be read")

    def of_job(self, uid: str, since: datetime, most: int = 200) -> Sequence[LogLine]:
        """The newest lines of the Batch job with this uid, oldest first."""
        log = f"projects/{self._project}/logs/batch_task_logs"
        return self._newest(f"logName={_quoted(log)} AND labels.job_uid={_quoted(uid)}", since, most)

    def of_run(self, job: str, since: datetime, most: int = 200) -> Sequence[LogLine]:
        """The newest lines of all executions of a Cloud Run job, oldest first."""
        which = f'resource.type="cloud_run_job" AND resource.labels.job_name={_quoted(job)}'
        return self._newest(which, since, most)

    def _newest(self, which: str, since: datetime, most: int) -> list[LogLine]:
        asked = {
            "resourceNames": [f"projects/{self._project}"],
            "filter": f"{which} AND timestamp>={_quoted(_rfc3339(since))}",
            "orderBy": "timestamp desc",
            "pageSize": most,
        }
        try:
            answer = self._session.post(self._url, json=asked, timeout=PATIENCE_SECONDS)
        except (requests.RequestException, GoogleAuthError) as error:
            raise Unavailable(f"Cloud Logging did not answer: {error}") from error
        if answer.status_code != requests.codes.ok:
            raise Unavailable(f"Cloud Logging answered {answer.status_code}: {_reason(answer)}")
        return [_line(entry) for entry in reversed(answer.json().get("entries", []))]


def _line(entry: Mapping[str, Any]) -> LogLine:
    """Our own lines are JSON, whether the agent that took them has seen that or not."""
    fields, text = entry.get("jsonPayload"), str(entry.get("textPayload", ""))
    if fields is None and text.startswith("{"):
        fields = _json(text)
    severity = entry.get("severity", "DEFAULT")
    if isinstance(fields, dict) and "message" in fields:
        severity = fields.get("severity", severity) if severity == "DEFAULT" else severity
        return LogLine(_time(entry), str(severity), str(fields["message"]))
    return LogLine(_time(entry), severity, json.dumps(fields) if isinstance(fields, dict) else text.rstrip("\n"))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _time(entry: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["timestamp"])


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _quoted(value: str) -> str:
    """A string of Cloud Logging's query language."""
    return json.dumps(value)


def _reason(answer: requests.Response) -> str:
    """What the service says is wrong; a proxy in between may say it otherwise than in Google's JSON."""
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return answer.reason
