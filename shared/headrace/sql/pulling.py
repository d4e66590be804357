"""A workload and a query in; the result as a new upload in the data bucket, or the news that it is there, out."""

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import file_digest, md5
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, Self

from headrace import tracing
from headrace.catalogue import Description, Pull
from headrace.data import datasets
from headrace.data.datasets import File
from headrace.errors import Exists, NotFound, Rejected
from headrace.ports import Objects, Platform
from headrace.settings import Credentials
from headrace.sql import query, rows
from headrace.sql.address import engine
from headrace.sql.columns import Columns, columns_of
from headrace.sql.csvfile import CsvFile
from headrace.sql.parquet import ParquetFile
from headrace.sql.rows import Rows

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
Report = Callable[[int], None]


class TableFile(Protocol):
    """A file that is written a batch at a time, and complete when it is left without an error."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None: ...

    def write(self, columns: Columns) -> None:
        """Add a batch."""


FORMATS: dict[str, Callable[[Path], TableFile]] = {".parquet": ParquetFile, ".csv": CsvFile}


@dataclass(frozen=True, slots=True)
class Pulled:
    """A query's result: the dataset version that it is, where it lies, and whether it was uploaded just now."""

    rows: int
    dataset: str
    uri: str
    new: bool


def pull(
    platform: Platform, workload: Description, what: Pull, who: Credentials, report: Report = lambda _rows: None
) -> Pulled:
    """Stream the query's result into a file and upload it, unless the same result is there; ingest does the rest.

    `report` is told the rows so far. Raises Rejected for a query, an address or a result that is of no use.
    """
    statement, ending = query.checked(what.query), _ending(workload)
    if not NAME.fullmatch(what.name):
        raise Rejected(f"{what.name!r} is no name for an upload; use letters, digits, dots and hyphens")
    database = engine(what.sql, who)
    with TemporaryDirectory(prefix="headrace-") as scratch:
        path = Path(scratch) / f"result{ending}"
        with rows.opened(database, statement) as found:
            count = _write(found, path, FORMATS[ending], report)
        dataset = _version(path)
        name = f"{workload.name}/{what.name}-{dataset}{ending}"
        new = not _is_known(platform.store, workload.name, dataset) and _upload(platform.data, name, path)
    return Pulled(count, dataset, platform.data.uri(name), new)


def _ending(workload: Description) -> str:
    for ending in FORMATS:
        if ending in workload.data.endings:
            return ending
    raise Rejected(f"{workload.name} takes {', '.join(workload.data.endings)}; a query gives .parquet or .csv")


def _write(found: Rows, path: Path, kind: Callable[[Path], TableFile], report: Report) -> int:
    count = 0
    with kind(path) as file:
        for batch in found.batches:
            file.write(columns_of(found.names, batch))
            count += len(batch)
            report(count)
        if not count:
            raise Rejected("the query returned no rows, so there is nothing to upload")
    return count


def _version(path: Path) -> str:
    """The dataset version that ingest will make of this file, from the checksum that Cloud Storage will have."""
    with path.open("rb") as content:
        digest = file_digest(content, lambda: md5(usedforsecurity=False)).digest()
    checksum = b64encode(digest).decode()
    size = path.stat().st_size
    return datasets.version_of([File(name="", bucket="", object="", generation=0, size=size, crc32c="", md5=checksum)])


def _is_known(store: Objects, workload: str, dataset: str) -> bool:
    try:
        store.stat(datasets.manifest_name(workload, dataset))
    except NotFound:
        return False
    return True


def _upload(data: Objects, name: str, path: Path) -> bool:
    """Never a second time: an upload that was replaced, even by itself, is lost to the dataset version made of it."""
    try:
        data.upload(name, path, {"traceparent": tracing.current().traceparent}, over=0)
    except Exists:
        return False
    return True
