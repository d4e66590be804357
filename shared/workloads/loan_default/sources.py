"""A file of loans in; its header, and its loans as columns of cells in blocks of bounded size, out."""

import gzip
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from headrace.workload import BadData

from .header import Header
from .reading import Lines
from .schema import LABEL

ENDINGS = (".csv", ".csv.gz", ".parquet")
ROWS = 16_384
"""Loans in a block."""

Cells = Mapping[str, Sequence[object]]
"""Cells by column: the label, and the fields that the file has."""


class Source(Protocol):
    """An open file of loans."""

    @property
    def header(self) -> Header:
        """Its checked column names."""

    @property
    def bad(self) -> Counter[str]:
        """What was set aside so far, by reason."""

    def blocks(self) -> Iterator[Cells]:
        """Its loans in their order."""


class _Csv:
    def __init__(self, lines: Lines) -> None:
        self.header, self.bad = lines.header, lines.bad
        self._lines = lines

    def blocks(self) -> Iterator[Cells]:
        names = (LABEL, *self.header.fields)
        rows = map(itemgetter(self.header.label, *self.header.fields.values()), self._lines)
        while block := list(islice(rows, ROWS)):
            yield dict(zip(names, zip(*block, strict=True), strict=True))


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """The file at `path`, closed after use; a `.gz` is unpacked as it is read."""
    with _parquet(path) if path.name.endswith(".parquet") else _csv(path) as source:
        yield source


@contextmanager
def _csv(path: Path) -> Iterator[Source]:
    name = path.name
    with gzip.open(path) if name.endswith(".gz") else path.open("rb") as stream:
        try:
            yield _Csv(Lines(name, cast(BinaryIO, stream)))
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise BadData(f"{name} cannot be unpacked: {error}; upload it again") from error


@contextmanager
def _parquet(path: Path) -> Iterator[Source]:
    from .parquet import Parquet

    with closing(Parquet(path, ROWS)) as source:
        yield source
