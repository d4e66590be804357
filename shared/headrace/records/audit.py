"""The audit bucket in; what was told of a workload, or of all of them, in the order of time, out.

An exported object is named after its topic and the time it was written at, so that a period is a stretch of names: of
each topic nothing before it is listed, and nothing after it.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from pydantic import ValidationError

from headrace.events import EVENTS, Event
from headrace.ports import Objects, Version

TOPICS = tuple(event.topic() for event in EVENTS.values())
AT_ONCE = 16
LATE = timedelta(minutes=10)
"""How long after a fact was told the object that holds it may be written; a minute is usual."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact as it went over the bus: when, from whom, in which trace."""

    at: datetime
    source: str
    traceparent: str
    fact: Event

    @property
    def component(self) -> str:
        """Who told it, as the topology names deployables."""
        return self.source.rsplit("/", 1)[-1]


Read = Callable[[Objects, str], list[Recorded]]


def read(audit: Objects, name: str) -> list[Recorded]:
    """What an exported object says. It never changes once it is there."""
    return [recorded for line in audit.read(name).splitlines() if (recorded := _recorded(line))]


def told(audit: Objects, workload: str, since: datetime, until: datetime | None = None) -> list[Recorded]:
    """Every fact about `workload` in that time, oldest first; a fact told more than once counts when first told."""
    return [each for each in happened(audit, since, until) if each.fact.workload == workload]


def happened(
    audit: Objects,
    since: datetime,
    until: datetime | None = None,
    most: int | None = None,
    read: Read = read,
    topics: Sequence[str] = TOPICS,
) -> list[Recorded]:
    """The same of all workloads, by the newest `most` objects of each topic; `read` may remember what it has read."""
    first: dict[str, Recorded] = {}
    with ThreadPoolExecutor(AT_ONCE) as threads:
        listed = threads.map(lambda topic: deque(_names(audit, f"events/{topic}/", since, until), most), topics)
        names = [name for topic in listed for name in topic]
        found = [each for facts in threads.map(lambda name: read(audit, name), names) for each in facts]
    for recorded in sorted(found, key=lambda each: each.at):
        if recorded.at >= since and (until is None or recorded.at <= until):
            first.setdefault(recorded.fact.id, recorded)
    return list(first.values())


def latest(audit: Objects, workload: str, kind: type[Event]) -> Recorded | None:
    """The last fact of one kind about `workload`."""
    names = [stat.name for stat in audit.list(f"events/{kind.topic()}/")]
    for name in reversed(names):
        for recorded in reversed(read(audit, name)):
            if recorded.fact.workload == workload:
                return recorded
    return None


def first_served(audit: Objects, version: Version, until: datetime | None = None) -> datetime | None:
    """When `version` first answered a request, by the prediction log."""
    for name in _names(audit, "predictions/", version.created, until):
        for line in audit.read(name).splitlines():
            entry = json.loads(line)
            if entry["workload"] == version.workload and entry["version"] == version.number:
                return datetime.fromisoformat(entry["time"])
    return None


def _names(audit: Objects, prefix: str, since: datetime, until: datetime | None) -> Iterator[str]:
    names = (stat.name for stat in audit.list(prefix, after=f"{prefix}{_stamp(since)}"))
    if until is None:
        return names
    end = f"{prefix}{_stamp(until + LATE)}"
    return takewhile(lambda name: name < end, names)


def _stamp(at: datetime) -> str:
    """How the names of exported objects begin: with the time they were written."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _recorded(line: bytes) -> Recorded | None:
    try:
        body = json.loads(line)
        fact = EVENTS[body["type"]].model_validate(body["data"])
    except (ValueError, KeyError, TypeError, ValidationError):
        return None  # an event of a later release, or of an earlier one
    return Recorded(datetime.fromisoformat(body["time"]), body["source"], body.get("traceparent", ""), fact)
