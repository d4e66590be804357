"""A job's JSON in; its schedule, target and retry rules, typed, out."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localcloud.scheduler import cron, fields

_RESERVED = ("x-cloudscheduler", "x-google-", "x-appengine-", "host", "content-length", "user-agent")


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it is stored; `body` is what the API answers with."""

    body: Mapping[str, Any]

    @property
    def name(self) -> str:
        """`projects/P/locations/L/jobs/J`."""
        return str(self.body["name"])

    @property
    def enabled(self) -> bool:
        """Whether the schedule is followed."""
        return bool(self.body["state"] == "ENABLED")

    @property
    def schedule(self) -> cron.Schedule:
        """When the job is due."""
        return cron.parse(self.body["schedule"], self.body["timeZone"])

    @property
    def due(self) -> datetime:
        """The next tick."""
        return datetime.fromisoformat(self.body["scheduleTime"])

    @property
    def deadline(self) -> float:
        """Seconds that an attempt may take."""
        return fields.seconds(self.body["attemptDeadline"])

    def changed(self, **body: Any) -> "Job":
        """The job with other values in its body; None takes a value away."""
        return Job({name: value for name, value in {**self.body, **body}.items() if value is not None})

    def request(self, tick: datetime) -> dict[str, Any]:
        """Method, url, headers and data of the request that `tick` makes."""
        target = self.body["httpTarget"]
        data = base64.b64decode(target.get("body", ""))
        own = {name: value for name, value in target.get("headers", {}).items() if not _is_reserved(name)}
        if data and not any(name.lower() == "content-type" for name in own):
            own["Content-Type"] = "application/octet-stream"
        headers = {
            **own,
            "User-Agent": "Google-Cloud-Scheduler",
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": self.name.rpartition("/")[2],
            "X-CloudScheduler-ScheduleTime": timestamp(tick),
        }
        return {"method": target["httpMethod"], "url": target["uri"], "headers": headers, "data": data}

    def pause_before_retry(self, retries: int, elapsed: float) -> float | None:
        """Seconds until the next attempt after `retries` retries in `elapsed` seconds; None when it was the last.

        The pause doubles `maxDoublings` times, then grows by as much again each time.
        """
        config = self.body["retryConfig"]
        if retries >= config["retryCount"] and elapsed >= fields.seconds(config["maxRetryDuration"]):
            return None
        doublings = min(retries, config["maxDoublings"])
        steps = 2**doublings * (retries - doublings + 1)
        shortest, longest = (fields.seconds(config[name]) for name in ("minBackoffDuration", "maxBackoffDuration"))
        return float(min(shortest * steps, longest))


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _is_reserved(header: str) -> bool:
    return header.lower().startswith(_RESERVED)
