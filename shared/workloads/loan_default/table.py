"""Cleaned loans on disk and mapped into memory: what a model learns from, readable with nothing but NumPy."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .schema import BY_NAME, FIELDS, HISTORY, ISSUED, Field

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int8]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """Loans as a model sees them.

    `x` (n, f) has one column a field: NaN is missing, a category is its code, the first credit line its age in months.
    `issued` (n,) is the month of issue and `y` (n,) the label, where 1 is charged off. They are mapped from the arrays
    in `folder`, of which they start at the row `first`.
    """

    fields: tuple[Field, ...]
    x: Floats
    issued: Floats
    y: Labels
    folder: Path
    first: int = 0

    def __len__(self) -> int:
        return len(self.y)

    def rows(self, chosen: slice) -> "Table":
        """Loans that lie side by side, not copied."""
        first = self.first + chosen.indices(len(self))[0]
        return replace(self, x=self.x[chosen], issued=self.issued[chosen], y=self.y[chosen], first=first)

    def pages(self, size: int) -> Iterator["Table"]:
        """The loans, `size` at a time, each page mapped anew: what was read before need not stay in memory."""
        for start in range(self.first, self.first + len(self), size):
            yield read_table(self.folder).rows(slice(start, min(start + size, self.first + len(self))))


class Writer:
    """Writes a table of `rows` loans to `folder` as they come: the same bytes for the same loans."""

    def __init__(self, folder: Path, fields: Sequence[Field], rows: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "fields.json").write_text(json.dumps([field.name for field in fields]), "utf-8")
        self._fields = fields
        self._files = ExitStack()
        self._x = self._file(folder / "features.npy", np.float32, (rows, len(fields)))
        self._issued = self._file(folder / "issued.npy", np.float32, (rows,))
        self._y = self._file(folder / "labels.npy", np.int8, (rows,))

    def add(self, values: Values, labels: Labels) -> None:
        """Append loans: `values` (n, all of `FIELDS`) and `labels` (n,)."""
        columns = [feature(values, field) for field in self._fields]
        self._x.write(np.column_stack(columns).astype(np.float32).tobytes())
        self._issued.write(_column(values, ISSUED).astype(np.float32).tobytes())
        self._y.write(labels.tobytes())

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def _file(self, path: Path, dtype: npt.DTypeLike, shape: tuple[int, ...]) -> Any:
        file = self._files.enter_context(path.open("wb"))
        kind = np.lib.format.dtype_to_descr(np.dtype(dtype))
        np.lib.format.write_array_header_1_0(file, {"descr": kind, "fortran_order": False, "shape": shape})
        return file


def read_table(folder: Path) -> Table:
    """The table that was written to `folder`, mapped; nothing that is written to it reaches the disk."""
    names = json.loads((folder / "fields.json").read_text("utf-8"))
    # Copy on write, since scikit-learn's trees take no read-only array.
    arrays = (np.load(folder / f"{name}.npy", mmap_mode="c") for name in ("features", "issued", "labels"))
    x, issued, y = map(np.asarray, arrays)
    return Table(tuple(BY_NAME[name] for name in names), x, issued, y, folder)


def feature(values: Values, field: Field) -> Values:
    """A column of `values` (n, all of `FIELDS`) as a model sees it."""
    column = _column(values, field)
    return _column(values, ISSUED) - column if field == HISTORY else column


def _column(values: Values, field: Field) -> Values:
    return values[:, _PLACES[field.name]]


_PLACES = {field.name: place for place, field in enumerate(FIELDS)}
