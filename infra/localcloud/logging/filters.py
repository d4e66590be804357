"""A filter of Cloud Logging's query language in; whose log it asks for, and since when, out."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from localcloud.restserver import RestError

_TERM = re.compile(r'\s*(?P<field>[\w.]+)\s*(?P<operator>>=|=)\s*(?P<value>"(?:[^"\\]|\\.)*")\s*')
_TASKS = "logs/batch_task_logs"
_BATCH = {"logName", "labels.job_uid", "timestamp"}
_RUN = {"resource.type", "resource.labels.job_name", "timestamp"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A Batch job's log by its uid, or a Cloud Run job's by its name."""

    kind: Literal["batch", "run"]
    key: str
    since: datetime


def read(text: str, project: str) -> Wanted:
    """What the filter asks for. Raises RestError, naming what this server does not implement."""
    terms = _terms(text)
    if set(terms) == _BATCH and terms["logName"] == f"projects/{project}/{_TASKS}":
        return Wanted("batch", terms["labels.job_uid"], _time(terms["timestamp"]))
    if set(terms) == _RUN and terms["resource.type"] == "cloud_run_job":
        return Wanted("run", terms["resource.labels.job_name"], _time(terms["timestamp"]))
    known = "the tasks of a Batch job by logName and labels.job_uid, and of a cloud_run_job by resource.labels.job_name"
    raise RestError(
        "UNIMPLEMENTED", f"localcloud does not implement the filter {text!r}; only {known}, with timestamp>="
    )


def _terms(text: str) -> Mapping[str, str]:
    found = {}
    for part in re.split(r"\bAND\b", text):
        term = _TERM.fullmatch(part)
        if term is None or (term["operator"] == ">=") != (term["field"] == "timestamp"):
            raise RestError("UNIMPLEMENTED", f"localcloud does not implement {part.strip()!r} in a filter")
        found[term["field"]] = str(json.loads(term["value"]))
    return found


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime.min
    if found.tzinfo is None:
        raise RestError("INVALID_ARGUMENT", f"timestamp {text!r} is not a time of RFC 3339 with its zone")
    return found
