"""Feedback in; what is true of the rows of requests out."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Self

import msgspec
import numpy as np

from headrace import loading
from headrace.errors import BadData
from headrace.ports import Objects
from services.drift import keys
from services.drift.keys import Keys

log = logging.getLogger("headrace.drift")

FEEDBACK = "feedback/"
MOST = 200_000
"""So many labels are held at once: the last that arrived."""


class Said(msgspec.Struct, gc=False):
    """A line of feedback, as far as it is about a label."""

    time: datetime
    request_id: str
    workload: str
    index: int
    label: str | None = None


_DECODER = msgspec.json.Decoder(Said)


@dataclass(frozen=True, slots=True)
class Labels:
    """The last word on each row, by request and row."""

    said: Mapping[tuple[str, int], Said]

    @classmethod
    def of(cls, said: Iterable[Said]) -> Self:
        """The last word on each row, in whatever order they come; of those at the same time the first that comes."""
        found: dict[tuple[str, int], Said] = {}
        for each in said:
            key = (each.request_id, each.index)
            if key not in found or found[key].time < each.time:
                found[key] = each
        return cls(found)

    def __len__(self) -> int:
        """How many rows have one."""
        return len(self.said)

    @property
    def by_request(self) -> dict[str, dict[int, str]]:
        """What is true of the rows of each request."""
        found: dict[str, dict[int, str]] = {}
        for (request, index), each in self.said.items():
            found.setdefault(request, {})[index] = each.label or ""
        return found

    @property
    def requests(self) -> Keys:
        """The keys of the requests."""
        return keys.ordered({keys.of_request(request) for request, _ in self.said}, np.uint32)

    @property
    def rows(self) -> Keys:
        """The keys of the rows."""
        return keys.ordered(keys.of_row(*row) for row in self.said)

    def without(self, rows: Set[int]) -> "Labels":
        """Those of other rows than these."""
        return Labels({row: each for row, each in self.said.items() if keys.of_row(*row) not in rows})


def last(audit: Objects, after: str) -> str:
    """The last object of the feedback there is, after the one named if there is any."""
    return max((stat.name for stat in audit.list(FEEDBACK, after=after or None)), default=after)


def read(audit: Objects, workload: str, after: str, until: str, since: datetime) -> Labels:
    """Labels in the objects after `after` up to `until`, and not written before `since`."""
    began = f"{FEEDBACK}{since.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
    names = [stat.name for stat in audit.list(FEEDBACK, after=max(after, began)) if after < stat.name <= until]
    labels = Labels.of(islice(_usable(workload, _said(audit, workload, reversed(names))), MOST))
    if len(labels) == MOST:
        log.warning("%s has more than %d new labels; the check goes by the last", workload, MOST)
    return labels


def _usable(workload: str, said: Iterable[Said]) -> Iterator[Said]:
    """Those with a label that the workload knows."""
    usable: dict[str, bool] = {}
    for each in said:
        if each.label is None:
            continue
        if each.label not in usable:
            usable[each.label] = _is_usable(workload, each.label)
        if usable[each.label]:
            yield each


def _said(audit: Objects, workload: str, names: Iterable[str]) -> Iterator[Said]:
    """The last line first."""
    for name in names:
        for line in reversed(audit.read(name).splitlines()):
            said = _decoded(line)
            if said and said.workload == workload:
                yield said


def _decoded(line: bytes) -> Said | None:
    try:
        return _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        log.warning("a line of feedback cannot be read and is left out: %s: %.200r", error, line)
        return None


def _is_usable(workload: str, label: str) -> bool:
    try:
        loading.serving(workload).truth([label])
    except BadData as error:
        log.warning("a label of %s is left out: %s", workload, error)
        return False
    return True
