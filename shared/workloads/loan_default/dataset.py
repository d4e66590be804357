"""A folder of LendingClub CSVs in; the settled loans in an order of their own, and what was set aside, out."""

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt

from headrace.workload import BadData

from .cleaning import MISSING, Reader, reader
from .header import MIN_FEATURES, Header
from .reading import Lines, opened
from .schema import FEATURES, FIELDS, SETTLED
from .table import Table

MIN_ROWS = 200
MIN_OF_EACH = 20
MAX_UNREADABLE = 0.5
"""A column with more cells than this that mean nothing is refused, not guessed at."""

_MANY = 20


@dataclass(slots=True)
class Loans:
    """Settled loans as they are read: a row of `FIELDS`, a label and a key of the row's content each."""

    values: "array[float]" = field(default_factory=lambda: array("d"))
    labels: "array[int]" = field(default_factory=lambda: array("b"))
    keys: "array[int]" = field(default_factory=lambda: array("Q"))
    unsettled: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)
    headers: list[Header] = field(default_factory=list)

    def read(self, lines: Lines) -> None:
        """Add every settled loan of one file."""
        header, readers = lines.header, _readers(lines.header)
        for cells in lines:
            status = cells[header.label].strip()
            label = SETTLED.get(status.casefold())
            if label is None:
                self._leave(status)
            else:
                self._add(label, cells, readers)
        self.bad += lines.bad
        self.headers.append(header)

    def table(self) -> tuple[Table, npt.NDArray[np.uint64]]:
        """The loans sorted by key, so that the files' names and order do not matter, and their keys."""
        self._check()
        values = np.frombuffer(self.values, np.float64).reshape(-1, len(FIELDS))
        labels, keys = np.frombuffer(self.labels, np.int8), np.frombuffer(self.keys, np.uint64)
        present = np.array([not np.isnan(column).all() for column in values.T])
        columns = tuple(spec.name for spec, filled in zip(FIELDS, present, strict=True) if filled)
        if len(columns) < MIN_FEATURES:
            raise BadData(
                f"only {len(columns)} columns that a model can use hold any value; fill in some of the others"
            )
        order = np.lexsort((labels, keys))
        return Table(columns, values[order][:, present], labels[order]), keys[order]

    def _leave(self, status: str) -> None:
        known = status in self.unsettled or len(self.unsettled) < _MANY
        self.unsettled[(status[:40] or "empty") if known else "others"] += 1

    def _add(self, label: int, cells: list[str], readers: list[tuple[str, int | None, Reader]]) -> None:
        row = array("d")
        for name, place, read in readers:
            value = MISSING
            if place is not None:
                try:
                    value = read(cells[place])
                except BadData:
                    self.unreadable[name] += 1
            row.append(value)
        self.values.extend(row)
        self.labels.append(label)
        self.keys.append(int.from_bytes(blake2b(row, digest_size=8).digest()))

    def _check(self) -> None:
        rows, charged_off = len(self.labels), sum(self.labels)
        if not rows:
            others = ", ".join(status for status, _ in self.unsettled.most_common(5))
            raise BadData(
                f"no loan is settled: loan_status is {others or 'never given'}; a model learns from loans that are "
                '"Fully Paid" or "Charged Off"'
            )
        if not 0 < charged_off < rows:
            which = "charged off" if charged_off else "paid back"
            raise BadData(f"all {rows:,} settled loans were {which}; a model needs both kinds")
        if rows < MIN_ROWS or min(charged_off, rows - charged_off) < MIN_OF_EACH:
            raise BadData(
                f"{rows:,} settled loans, {charged_off:,} of them charged off, are too few; "
                f"upload at least {MIN_ROWS}, {MIN_OF_EACH} of each kind"
            )
        for name, count in self.unreadable.items():
            if count > MAX_UNREADABLE * rows:
                raise BadData(
                    f"{count:,} of {rows:,} values of {name} cannot be read; correct the column or leave it out"
                )


def read_loans(dataset: Path) -> Loans:
    """Every settled loan in the CSVs under `dataset`. Raises BadData when no honest model can come of them."""
    loans = Loans()
    for path in _files(dataset):
        with opened(path) as lines:
            loans.read(lines)
    if not loans.headers:
        raise BadData("the dataset holds no .csv or .csv.gz file; upload one")
    return loans


def missing(table: Table) -> list[str]:
    """The features that no loan of `table` has."""
    return [spec.name for spec in FEATURES if spec.name not in table.columns]


def _files(dataset: Path) -> Iterator[Path]:
    return (path for path in sorted(dataset.rglob("*")) if path.is_file() and path.name.endswith((".csv", ".csv.gz")))


def _readers(header: Header) -> list[tuple[str, int | None, Reader]]:
    return [(spec.name, header.fields.get(spec.name), reader(spec)) for spec in FIELDS]
