"""A stream of bytes in; its labelled texts one by one, the lines that are none counted, out."""

import csv
import gzip
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from headrace.workload import BadData

from .formats import LABEL, Form, form_of
from .labels import plain

MAX_BAD_SHARE = 0.1
"""More lines than this that cannot be read, and the file is refused."""

MAX_LINE = 1 << 20
_FEW = 20
"""Bad lines that any file may have before their share is looked at."""

_UTF8_MARK = b"\xef\xbb\xbf"
_OTHERS = {
    b"\xff\xfe": "written in UTF-16; save it in UTF-8",
    b"\xfe\xff": "written in UTF-16; save it in UTF-8",
    b"PK\x03\x04": "a ZIP archive or an Excel workbook; upload the table in it as CSV",
    b"\x1f\x8b": "compressed with gzip; let its name end in .gz",
    b"PAR1": "a Parquet file; export it as CSV",
    b"%PDF": "a PDF; export its table as CSV",
}


class Lines:
    """The labelled texts of one file, read once, by iteration. `bad` counts lines that cannot be read."""

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self.name = name
        self.bad: Counter[str] = Counter()
        self.good = 0
        self._stream = stream
        self._taken = 0  # lines since the last row: an unclosed quote takes many
        first = stream.readline(MAX_LINE).removeprefix(_UTF8_MARK)
        self.form: Form = form_of(name, _readable(name, first))
        self._first = b"" if self.form.header else first

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Each text with the plain name of its label. Raises BadData when too many lines cannot be read."""
        rows = self.form.split(self._decoded())
        while True:
            try:
                row = next(rows)
            except StopIteration:
                break
            except csv.Error:
                self._set_aside("unreadable", self._taken)
            else:
                yield from self._labelled(row)
            self._taken = 0
        self._check_share(at_least=1)

    def _labelled(self, row: list[str]) -> Iterator[tuple[str, str]]:
        if len(row) != self.form.cells:
            if any(row):
                self._set_aside("with more or fewer cells", self._taken)
            return
        text, label = row[self.form.text].strip(), plain(self.form.name(row))
        if label in LABEL:
            self._set_aside("repeated header")
        elif not label:
            self._set_aside("without a label")
        else:
            self.good += 1
            yield text, label

    def _decoded(self) -> Iterator[str]:
        line = self._first or self._stream.readline(MAX_LINE)
        while line:
            if b"\0" in line:
                self._set_aside("with NUL bytes")
            elif len(line) == MAX_LINE:
                self._set_aside("longer than 1 MiB")
            elif (text := self._text(line)) is None:
                self._set_aside(f"not in {self.form.encodings[0].upper()}")
            else:
                self._taken += 1
                yield text
            line = self._stream.readline(MAX_LINE)

    def _text(self, line: bytes) -> str | None:
        for encoding in self.form.encodings:
            with suppress(UnicodeDecodeError):
                return line.decode(encoding)
        return None

    def _set_aside(self, reason: str, lines: int = 1) -> None:
        self.bad[reason] += lines
        self._check_share(at_least=_FEW)

    def _check_share(self, at_least: int) -> None:
        bad = self.bad.total()
        if bad >= at_least and bad > MAX_BAD_SHARE * (self.good + bad):
            reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(self.bad.items()))
            raise BadData(
                f"{self.name}: {bad:,} of the first {self.good + bad:,} lines cannot be used ({reasons}), and at most "
                f"{MAX_BAD_SHARE:.0%} may be; save it in UTF-8, one labelled text a line"
            )


@contextmanager
def opened(path: Path) -> Iterator[Lines]:
    """The labelled texts of the file at `path`, closed after use; a `.gz` is unpacked as it is read."""
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as stream:
        try:
            yield Lines(path.name, cast(BinaryIO, stream))
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise BadData(f"{path.name} cannot be unpacked: {error}; upload it again") from error


def _readable(name: str, line: bytes) -> str:
    """The first line, which may have no fault; the lines below may have a few. Tweets have no header to be read."""
    for mark, what in _OTHERS.items():
        if line.startswith(mark):
            raise BadData(f"{name} is {what}")
    if not line.strip():
        raise BadData(f"{name} {'starts with an empty line' if line else 'is empty'}; upload labelled texts")
    if b"\0" in line or len(line) == MAX_LINE:
        fault = "holds NUL bytes" if b"\0" in line else "does not end within 1 MiB"
        raise BadData(f"{name} is no table of texts: its first line {fault}; upload a CSV or TSV in UTF-8")
    return line.decode("utf-8", "replace")
