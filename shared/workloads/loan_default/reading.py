"""A stream of CSV bytes in; its header and its well-formed lines out, the others counted, memory flat."""

import csv
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from headrace.workload import BadData

from .header import Header, check_header
from .schema import LABEL

MAX_BAD_SHARE = 0.1
"""More lines than this that cannot be read, and the file is refused."""

_MAX_LINE = 1 << 20
_FEW = 20
"""Bad lines that any file may have before their share is looked at."""

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_FORMATS = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\x1f\x8b": "compressed with gzip (name it .csv.gz)",
    b"PAR1": "a Parquet file (name it .parquet)",
    b"%PDF": "a PDF",
    b"SQLite": "a database",
}


class Lines:
    """The lines of one CSV, read once: `header` first, then the rows by iteration; `bad` counts what was set aside."""

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self.name = name
        self.bad: Counter[str] = Counter()
        self.good = 0
        self._stream = stream
        self._rows = csv.reader(self._text())
        self.header: Header = check_header(name, self._first())

    def __iter__(self) -> Iterator[list[str]]:
        """Every line with as many cells as the header has. Raises BadData when too many have not."""
        cells, label = len(self.header.cells), self.header.label
        while True:
            try:
                row = next(self._rows)
            except StopIteration:
                break
            except csv.Error:
                self._set_aside("unreadable")
                continue
            if len(row) == cells:
                if row[label].strip().lower() == LABEL:
                    self._set_aside("repeated header")
                else:
                    self.good += 1
                    yield row
            elif row:
                self._set_aside("ragged")
        self._check_share(at_least=1)

    def _first(self) -> list[str]:
        try:
            return next(self._rows)
        except StopIteration:
            raise BadData(f"{self.name} is empty; upload a CSV of LendingClub loans, column names first") from None
        except csv.Error as error:
            raise BadData(f"the first line of {self.name} is not CSV: {error}; save the file again as CSV") from error

    def _text(self) -> Iterator[str]:
        line = self._stream.readline(_MAX_LINE).removeprefix(_UTF8_MARK)
        _check_first_line(self.name, line)
        while line:
            if b"\0" in line:
                self._set_aside("with NUL bytes")
            elif len(line) == _MAX_LINE:
                self._set_aside("longer than 1 MiB")
            else:
                try:
                    yield line.decode()
                except UnicodeDecodeError:
                    self._set_aside("not UTF-8")
            line = self._stream.readline(_MAX_LINE)

    def _set_aside(self, reason: str) -> None:
        self.bad[reason] += 1
        self._check_share(at_least=_FEW)

    def _check_share(self, at_least: int) -> None:
        bad = self.bad.total()
        if bad >= at_least and bad > MAX_BAD_SHARE * (self.good + bad):
            raise BadData(
                f"{self.name}: {bad} of the first {self.good + bad} lines cannot be used ({self._reasons()}), "
                f"and at most {MAX_BAD_SHARE:.0%} may be; save it as CSV in UTF-8, one loan a line"
            )

    def _reasons(self) -> str:
        return ", ".join(f"{count} {reason}" for reason, count in sorted(self.bad.items()))


def _check_first_line(name: str, line: bytes) -> None:
    """What the first bytes give away; the lines below may have a few faults, the first none."""
    if line.startswith(_UTF16_MARKS) or b"\0\0\0\0" in (line[0:8:2], line[1:8:2]):
        raise BadData(f"{name} is written in UTF-16; save it in UTF-8")
    for mark, what in _FORMATS.items():
        if line.startswith(mark):
            raise BadData(f"{name} is {what}, not a CSV; export the table as CSV in UTF-8")
    if b"\0" in line or len(line) == _MAX_LINE:
        fault = "holds NUL bytes" if b"\0" in line else "does not end within 1 MiB"
        raise BadData(f"{name} is not a CSV: its first line {fault}; upload a CSV in UTF-8, column names first")
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        where = f"byte 0x{line[error.start]:02x} at {error.start}"
        raise BadData(f"{name} is not in UTF-8 ({where} of its first line); save it in UTF-8") from None
    if line and not text.strip():
        raise BadData(f"{name} starts with an empty line; put the column names in the first line")
