"""A file or a folder on this machine in; the upload that it is in the data bucket, complete, out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from headrace.data import datasets, uploads
from headrace.data.uploads import MARKER, Upload
from headrace.errors import Rejected
from headrace.ports import Objects, Stat

Report = Callable[[int, int], None]
"""Told of the bytes that are there and of those that there will be, after each file."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was uploaded: `dataset` is the version that its content is, if it may become one.

    `source` is the object that completed it, with its generation, as events name it.
    """

    source: str
    dataset: str


def send(
    bucket: Objects,
    workload: str,
    path: Path,
    metadata: Mapping[str, str],
    name: str = "",
    report: Report = lambda _sent, _all: None,
) -> Sent:
    """Upload a file, or a folder's files and then the marker that says that all are there.

    It is called `name` in the bucket, or as it is here. Raises Rejected for a folder without a file.
    """
    place = f"{workload}/{name or path.name}"
    if path.is_file():
        stat = bucket.upload(place, path, metadata)
        report(stat.size, stat.size)
        return Sent(_source(bucket, stat), datasets.version_of([datasets.as_file(bucket.bucket, stat, path.name)]))
    _send_files(bucket, path, place, metadata, report)
    stat = _mark(bucket, place, metadata)
    files = uploads.files_of(Upload(workload, place), stat.name, bucket)
    return Sent(_source(bucket, stat), datasets.version_of(files))


def _send_files(bucket: Objects, folder: Path, place: str, metadata: Mapping[str, str], report: Report) -> None:
    files = sorted(each for each in folder.rglob("*") if each.is_file() and each.name != MARKER)
    if not files:
        raise Rejected(f"{folder} holds no file; put the data into it")
    total, sent = sum(file.stat().st_size for file in files), 0
    for file in files:
        sent += bucket.upload(f"{place}/{file.relative_to(folder).as_posix()}", file, metadata).size
        report(sent, total)


def _mark(bucket: Objects, place: str, metadata: Mapping[str, str]) -> Stat:
    """The marker bears the trace, for it is what ingest hears of."""
    with TemporaryDirectory(prefix="headrace-") as scratch:
        marker = Path(scratch) / MARKER
        marker.touch()
        return bucket.upload(f"{place}/{MARKER}", marker, metadata)


def _source(bucket: Objects, stat: Stat) -> str:
    return f"{bucket.uri(stat.name)}#{stat.generation}"
