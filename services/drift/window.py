"""The prediction log in; the rows that one check looks at, and the labels that have arrived for them, out."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from headrace.ports import Objects
from headrace.workload import Instance

PREDICTIONS, FEEDBACK = "predictions/", "feedback/"
MOST_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Window:
    """Logged answers of one model version, in the objects after `after` up to and including `until`.

    What a version said in the shadow of another was no answer.
    """

    after: str
    until: str
    instances: list[Instance] = field(default_factory=list)
    keys: list[tuple[str, int]] = field(default_factory=list)


def read(audit: Objects, workload: str, version: int, after: str, until: str | None = None) -> Window:
    """The window that begins after the object `after`, which is empty for the first one ever."""
    window = Window(after, after)
    last, told = after, set[tuple[str, str]]()
    for name in _names(audit, PREDICTIONS, after, until):
        if len(window.instances) >= MOST_ROWS:
            break
        last = name
        for line in _lines(audit, name):
            mine = line["workload"] == workload and line["version"] == version and not line.get("shadow")
            if mine and _is_new(line, told):
                _add(window, line)
    return Window(after, last, window.instances, window.keys)


def labels(audit: Objects, workload: str, window: Window) -> tuple[list[Instance], list[str]]:
    """The window's instances whose true label has arrived, with that label; the last word on each counts.

    Lines may be told again and out of order; ratings and comments have no label.
    """
    known: dict[tuple[str, int], tuple[datetime, str]] = {}
    for name in _names(audit, FEEDBACK, window.after.replace(PREDICTIONS, FEEDBACK, 1)):
        for line in _lines(audit, name):
            if line["workload"] == workload and "label" in line:
                key, said = (line["request_id"], line["index"]), (datetime.fromisoformat(line["time"]), line["label"])
                if key not in known or known[key][0] <= said[0]:
                    known[key] = said
    found = [(row, known[key][1]) for row, key in zip(window.instances, window.keys, strict=True) if key in known]
    return [row for row, _ in found], [label for _, label in found]


def _is_new(line: Mapping[str, Any], told: set[tuple[str, str]]) -> bool:
    """Whether the bus delivers the line for the first time."""
    key = (line["request_id"], line["time"])
    if key in told:
        return False
    told.add(key)
    return True


def _add(window: Window, line: Mapping[str, Any]) -> None:
    for index, instance in enumerate(line["instances"]):
        window.instances.append(instance)
        window.keys.append((line["request_id"], index))


def _names(audit: Objects, prefix: str, after: str, until: str | None = None) -> Iterator[str]:
    for stat in audit.list(prefix, after=after or None):
        if until is not None and stat.name > until:
            return
        if stat.name > after:
            yield stat.name


def _lines(audit: Objects, name: str) -> Iterator[Mapping[str, Any]]:
    for line in audit.read(name).splitlines():
        yield json.loads(line)
