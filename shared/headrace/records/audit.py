"""The audit bucket in; what was told of a workload, in the order of time, out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import ValidationError

from headrace.events import EVENTS, Event
from headrace.ports import Objects, Version

TOPICS = tuple(event.topic() for event in EVENTS.values())


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact as it went over the bus: when, from whom, in which trace."""

    at: datetime
    source: str
    traceparent: str
    fact: Event


def told(audit: Objects, workload: str, since: datetime) -> list[Recorded]:
    """Every fact about `workload` since then, oldest first; a fact told more than once counts when first told."""
    first: dict[str, Recorded] = {}
    found = [each for topic in TOPICS for each in _facts(audit, f"events/{topic}/", since)]
    for recorded in sorted(found, key=lambda each: each.at):
        if recorded.fact.workload == workload:
            first.setdefault(recorded.fact.id, recorded)
    return list(first.values())


def latest(audit: Objects, workload: str, kind: type[Event]) -> Recorded | None:
    """The last fact of one kind about `workload`."""
    names = [stat.name for stat in audit.list(f"events/{kind.topic()}/")]
    for name in reversed(names):
        for recorded in reversed(_read(audit, name)):
            if recorded.fact.workload == workload:
                return recorded
    return None


def first_served(audit: Objects, version: Version) -> datetime | None:
    """When `version` first answered a request, by the prediction log."""
    for stat in audit.list("predictions/", after=f"predictions/{_stamp(version.created)}"):
        for line in audit.read(stat.name).splitlines():
            entry = json.loads(line)
            if entry["workload"] == version.workload and entry["version"] == version.number:
                return datetime.fromisoformat(entry["time"])
    return None


def _facts(audit: Objects, prefix: str, since: datetime) -> Iterator[Recorded]:
    for stat in audit.list(prefix, after=f"{prefix}{_stamp(since)}"):
        yield from _read(audit, stat.name)


def _read(audit: Objects, name: str) -> list[Recorded]:
    return [recorded for line in audit.read(name).splitlines() if (recorded := _recorded(line))]


def _stamp(at: datetime) -> str:
    """How the names of exported objects begin: with the time they were written."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _recorded(line: bytes) -> Recorded | None:
    try:
        body = json.loads(line)
        fact = EVENTS[body["type"]].model_validate(body["data"])
    except (ValueError, KeyError, ValidationError):
        return None  # an event of a later release, or of an earlier one
    return Recorded(datetime.fromisoformat(body["time"]), body["source"], body.get("traceparent", ""), fact)
