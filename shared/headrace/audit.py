"""The audit bucket in; what was told of a workload, in the order of time, out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from headrace.events import EVENTS, Event
from headrace.ports import Objects


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact as it went over the bus: when, from whom, in which trace."""

    at: datetime
    source: str
    traceparent: str
    fact: Event


def told(audit: Objects, workload: str) -> list[Recorded]:
    """Every fact about `workload`, oldest first; a fact that was told more than once counts when first told."""
    first: dict[str, Recorded] = {}
    for recorded in sorted(_all(audit), key=lambda each: each.at):
        if recorded.fact.workload == workload:
            first.setdefault(recorded.fact.id, recorded)
    return list(first.values())


def _all(audit: Objects) -> Iterator[Recorded]:
    for stat in audit.list("events/"):
        for line in audit.read(stat.name).splitlines():
            if recorded := _recorded(line):
                yield recorded


def _recorded(line: bytes) -> Recorded | None:
    try:
        body = json.loads(line)
        fact = EVENTS[body["type"]].model_validate(body["data"])
    except (ValueError, KeyError, ValidationError):
        return None  # an event of a later release, or of an earlier one
    return Recorded(datetime.fromisoformat(body["time"]), body["source"], body.get("traceparent", ""), fact)


def first_served(audit: Objects, workload: str, version: int) -> datetime | None:
    """When `version` first answered a request, by the prediction log."""
    for stat in audit.list("predictions/"):
        for line in audit.read(stat.name).splitlines():
            entry = json.loads(line)
            if entry["workload"] == workload and entry["version"] == version:
                return datetime.fromisoformat(entry["time"])
    return None
