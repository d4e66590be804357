"""Labels that arrived, and where the requests are that they are about, in; rows whose truth is known out."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from headrace.errors import NotFound
from headrace.ports import Objects, Platform, Version
from headrace.workload import Instance
from services.drift import keys, lines, memory
from services.drift.keys import Keys
from services.drift.labels import Labels

log = logging.getLogger("headrace.drift")

MOST_ROWS = 20_000
"""So many rows whose truth is known are taken: the last that were answered."""

MOST_BYTES = 1 << 30
"""So much of the log is read again for labels, the newest objects first; an object at a time is in memory."""


class Row(NamedTuple):
    """An instance, what is true of it, its key, and whether it was answered before the window."""

    instance: Instance
    label: str
    key: int
    late: bool


class Span(NamedTuple):
    """From when on windows and labels count, and the time of the check that looks at them."""

    since: datetime
    at: datetime


def rows(
    platform: Platform,
    version: Version,
    labels: Labels,
    window: Mapping[str, Keys],
    span: Span,
    least: int = 1,
    again: bool = False,
) -> Sequence[Row]:
    """The rows that `version` answered and `labels` are about: in the `window`, and in those of checks in the `span`.

    Those that a check looked at before are left out, unless they are wanted `again`. None, where there are fewer than
    `least`: so few are not worth reading the log for.
    """
    if len(labels) < least:
        return ()
    before = memory.recall(platform.store, version, *span, labels)
    new = labels if again else labels.without(before.rows)
    objects = memory.about(new.requests, {**before.objects, **window})
    if _reachable(new, objects) < least:
        return ()
    found = _read(platform.audit, version, new, sorted(objects, reverse=True), frozenset(before.objects))
    return found if len(found) >= least else ()


def _reachable(labels: Labels, objects: Mapping[str, Keys]) -> int:
    """How many of the labels are about requests that the log has."""
    told = frozenset(np.concatenate([*objects.values(), np.zeros(0, np.uint32)]).tolist())
    return sum(keys.of_request(request) in told for request, _ in labels.said)


def _read(audit: Objects, version: Version, labels: Labels, names: Sequence[str], late: frozenset[str]) -> list[Row]:
    """The last `MOST_ROWS` of them, in the order in which they were answered."""
    found: dict[int, Row] = {}
    size, wanted = 0, labels.by_request
    for name in names:
        if size >= MOST_BYTES or len(found) >= MOST_ROWS:
            log.warning("%s has more labels than a check looks at; it goes by the newest rows", version.workload)
            break
        data = _content(audit, name)
        size += len(data)
        for row in reversed([*_rows(data, version, wanted, name in late)]):
            found.setdefault(row.key, row)
    return list(found.values())[:MOST_ROWS][::-1]


def _rows(data: bytes, version: Version, wanted: Mapping[str, Mapping[int, str]], late: bool) -> Iterator[Row]:
    for line in lines.of_requests(data, version.workload, version.number, wanted):
        for index, label in wanted[line.request_id].items():
            if index < len(line.instances):
                yield Row(line.instances[index], label, keys.of_row(line.request_id, index), late)


def _content(audit: Objects, name: str) -> bytes:
    try:
        return audit.read(name)
    except NotFound:  # deleted since its window was looked at
        return b""
