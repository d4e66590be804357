"""Feedback in; what is true of the rows of requests out."""

import logging
from collections.abc import Iterator
from datetime import datetime

import msgspec

from headrace import catalogue
from headrace.errors import BadData
from headrace.ports import Objects
from services.drift.counting import Labels

log = logging.getLogger("headrace.drift")

PREDICTIONS, FEEDBACK = "predictions/", "feedback/"
MOST = 200_000
"""So many labels are held at once: the first that arrived in the window."""


class Said(msgspec.Struct, gc=False):
    """A line of feedback, as far as it is about a label."""

    time: datetime
    request_id: str
    workload: str
    index: int
    label: str | None = None


_DECODER = msgspec.json.Decoder(Said)


def since(checked: str) -> str:
    """From which object of the feedback on labels of a window are, that begins after the object `checked`."""
    return checked.replace(PREDICTIONS, FEEDBACK, 1)


def read(audit: Objects, workload: str, after: str) -> Labels:
    """Labels told since the window began; the last word on each counts, in whatever order it arrives."""
    known: dict[str, dict[int, str]] = {}
    times: dict[tuple[str, int], datetime] = {}
    usable: dict[str, bool] = {}
    for said in _said(audit, workload, after):
        key, label = (said.request_id, said.index), said.label
        if label is None or (key in times and times[key] > said.time):
            continue
        if label not in usable:
            usable[label] = _is_usable(workload, label)
        if not usable[label]:
            continue
        if key not in times and len(times) >= MOST:
            log.warning("%s has more than %d new labels; the check goes by the first", workload, MOST)
            break
        times[key] = said.time
        known.setdefault(said.request_id, {})[said.index] = label
    return known


def _said(audit: Objects, workload: str, after: str) -> Iterator[Said]:
    for stat in audit.list(FEEDBACK, after=after or None):
        for line in audit.read(stat.name).splitlines():
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
        catalogue.serving(workload).truth([label])
    except BadData as error:
        log.warning("a label of %s is left out: %s", workload, error)
        return False
    return True
