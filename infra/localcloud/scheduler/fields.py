"""A job's JSON as a client sent it in; the same, complete, or the status it is refused with, out."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from localcloud.restserver import RestError
from localcloud.scheduler import cron

OUTPUT_ONLY = frozenset({"state", "status", "scheduleTime", "lastAttemptTime", "userUpdateTime", "satisfiesPzs"})
_JOB = frozenset({"name", "description", "schedule", "timeZone", "httpTarget", "retryConfig", "attemptDeadline"})
_TARGET = frozenset({"uri", "httpMethod", "headers", "body", "oidcToken", "oauthToken"})
_RETRY_DEFAULTS = {
    "retryCount": 0,
    "maxRetryDuration": "0s",
    "minBackoffDuration": "5s",
    "maxBackoffDuration": "3600s",
    "maxDoublings": 5,
}
_METHODS = ("POST", "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS")
_DURATION = re.compile(r"\d+(\.\d{1,9})?s")
_MOST_RETRIES = 5
_SHORTEST_DEADLINE, _LONGEST_DEADLINE = 15.0, 1800.0


def complete(job: Mapping[str, Any]) -> dict[str, Any]:
    """What the client decides of a job, checked, with the service's defaults."""
    given = {name: value for name, value in job.items() if name not in OUTPUT_ONLY}
    for other in ("pubsubTarget", "appEngineHttpTarget"):
        if other in given:
            raise RestError("UNIMPLEMENTED", f"localcloud does not implement {other}; use httpTarget")
    _known(given, _JOB, "job")
    cron.parse(given.get("schedule", ""), given.get("timeZone", ""))
    deadline = seconds(given.get("attemptDeadline", "180s"))
    if not _SHORTEST_DEADLINE <= deadline <= _LONGEST_DEADLINE:
        raise _invalid(f"attemptDeadline is {deadline:g} s; give 15 s to 30 min")
    return {
        **given,
        "timeZone": given.get("timeZone", "Etc/UTC"),
        "attemptDeadline": given.get("attemptDeadline", "180s"),
        "retryConfig": _retry_config(given.get("retryConfig", {})),
        "httpTarget": _target(given.get("httpTarget", {})),
    }


def seconds(duration: Any) -> float:
    """The seconds of a JSON duration such as `"3.5s"`."""
    if not isinstance(duration, str) or not _DURATION.fullmatch(duration):
        raise _invalid(f"{duration!r} is not a duration like '3.5s'")
    return float(duration[:-1])


def _retry_config(given: Mapping[str, Any]) -> dict[str, Any]:
    _known(given, frozenset(_RETRY_DEFAULTS), "retryConfig")
    config = {**_RETRY_DEFAULTS, **given}
    for name, value in config.items():
        if name.endswith("Duration"):
            seconds(value)
        elif not isinstance(value, int) or value < 0:
            raise _invalid(f"retryConfig.{name} is {value!r}; give a number of 0 or more")
    if config["retryCount"] > _MOST_RETRIES:
        raise _invalid(f"retryConfig.retryCount is {config['retryCount']}; give at most {_MOST_RETRIES}")
    return config


def _target(given: Mapping[str, Any]) -> dict[str, Any]:
    _known(given, _TARGET, "httpTarget")
    target = {"httpMethod": "POST", **given}
    if not str(target.get("uri", "")).startswith(("http://", "https://")):
        raise _invalid(f"httpTarget.uri {target.get('uri', '')!r} does not begin with http:// or https://")
    if target["httpMethod"] not in _METHODS:
        raise _invalid(f"httpTarget.httpMethod {target['httpMethod']!r} is not one of {', '.join(_METHODS)}")
    try:
        base64.b64decode(target.get("body", ""), validate=True)
    except (binascii.Error, TypeError):
        raise _invalid("httpTarget.body is not base64") from None
    return target


def _known(given: Mapping[str, Any], names: frozenset[str], where: str) -> None:
    if not isinstance(given, Mapping):
        raise _invalid(f"{where} is not a JSON object")
    if unknown := sorted(set(given) - names):
        raise _invalid(f"{where} has no field {unknown[0]!r}; it has {', '.join(sorted(names))}")


def _invalid(message: str) -> RestError:
    return RestError("INVALID_ARGUMENT", message)
