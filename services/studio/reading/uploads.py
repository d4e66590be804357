"""Files that a person chose in a browser in; an upload in the data bucket, and what becomes of it, out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Protocol
from uuid import uuid4

from headrace import catalogue, tracing
from headrace.data import admission, datasets, sending
from headrace.data.sending import Report, Sent
from headrace.data.uploads import MARKER
from headrace.errors import NotFound, Rejected
from headrace.events import DatasetRejected
from headrace.ports import Objects, Platform
from headrace.records import audit
from headrace.training import candidates, pausing
from headrace.training.candidates import Progress

SKEW = timedelta(minutes=1)
"""By so much at most the clocks of those who write the audit trail are before ours."""


class Chosen(Protocol):
    """A file as the browser sent it."""

    @property
    def name(self) -> str:
        """With the folders that it lies in, where a folder was chosen."""

    def getbuffer(self) -> memoryview:
        """Its content."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of an upload, called `name` within the dataset that it will be."""

    name: str
    content: memoryview

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Fate:
    """What came of an upload by now: `at` is when its dataset version was made, or None where there is none yet.

    One whose content was there before trains nothing anew; nor does any while training is `paused`.
    """

    at: datetime | None = None
    rejected: str = ""
    again: bool = False
    paused: str = ""
    progress: tuple[Progress, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether nothing more comes of it."""
        return (
            bool(self.rejected) or self.again or (bool(self.progress) and all(each.settled for each in self.progress))
        )


def pieces(chosen: Sequence[Chosen]) -> list[Piece]:
    """What is to be uploaded of it: a folder's files without the folder's own name, markers and hidden files."""
    paths = {PurePosixPath(each.name.removeprefix("./").lstrip("/")): each for each in chosen}
    shown = {path: each for path, each in paths.items() if path.name != MARKER and not path.name.startswith(".")}
    tops = {path.parts[0] for path in shown}
    inside = len(tops) == 1 and all(len(path.parts) > 1 for path in shown)
    named = {path.relative_to(path.parts[0]) if inside else path: each for path, each in shown.items()}
    return [Piece(path.as_posix(), each.getbuffer()) for path, each in sorted(named.items())]


def refusal(workload: str, found: Sequence[Piece]) -> str:
    """Why ingest would refuse it, by its own rules; nothing where it would not."""
    try:
        admission.check(found, catalogue.describe(workload).data)
        for piece in found:
            admission.peek(workload, piece.name, bytes(piece.content[: admission.PEEK]))
    except Rejected as reason:
        return str(reason)
    return ""


def send(
    platform: Platform, workload: str, found: Sequence[Piece], by: str, reason: str, report: Report
) -> tuple[Sent, datetime]:
    """Put it into the data bucket, who did so and why with it; what was sent, and when that began.

    It has a folder of its own each time, so that nothing is overwritten that a dataset version consists of.
    """
    now = platform.clock.now()
    metadata = {"traceparent": tracing.current().traceparent, "uploaded-by": by, "reason": reason}
    with TemporaryDirectory(prefix="headrace-") as scratch:
        folder = Path(scratch) / f"studio-{now:%Y%m%d-%H%M%S}-{uuid4().hex[:4]}"
        for piece in found:
            path = folder / piece.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(piece.content)
        return sending.send(platform.data, workload, folder, metadata, report=report), now


def fate(platform: Platform, workload: str, sent: Sent, since: datetime) -> Fate:
    """How far the upload has come."""
    reason = _rejection(platform.audit, sent.source, since - SKEW)
    if reason:
        return Fate(rejected=reason)
    try:
        at = platform.store.stat(datasets.manifest_name(workload, sent.dataset)).updated
    except NotFound:
        return Fate()
    if at < since - SKEW:
        return Fate(at, again=True)
    pause = pausing.current(platform.store)
    progress = candidates.of(platform, workload, sent.dataset)
    return Fate(at, paused=str(pause) if pause else "", progress=tuple(progress))


def _rejection(trail: Objects, source: str, since: datetime) -> str:
    for each in audit.happened(trail, since, topics=[DatasetRejected.topic()]):
        if isinstance(each.fact, DatasetRejected) and each.fact.source == source:
            return each.fact.reason
    return ""
