"""A file or a folder on this machine in; the upload that it is in the data bucket, complete, out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from headrace.data import datasets, uploads
from headrace.data.uploads import MARKER, Upload
from headrace.errors import Rejected
from headrace.ports import Objects

Report = Callable[[int, int], None]
"""Told of the bytes that are there and of those that there will be, after each file."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was uploaded: the object that completed it, named with its generation as events name it, and the dataset
    version that its content is, if it may become one."""

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
    files = {place: path} if path.is_file() else _within(path, place)
    if not files:
        raise Rejected(f"{path} holds no file; put the data into it")
    total, sent = sum(file.stat().st_size for file in files.values()), 0
    for target, file in files.items():
        stat = bucket.upload(target, file, metadata)
        sent += file.stat().st_size
        report(sent, total)
    if not path.is_file():
        stat = _mark(bucket, place, metadata)
    source = f"{bucket.uri(stat.name)}#{stat.generation}"
    upload = Upload.of(stat.name)
    assert upload  # its last object completes it
    return Sent(source, datasets.version_of(uploads.files_of(upload, stat.name, bucket)))
