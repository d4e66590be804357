"""Cleaned loans in memory and on disk: a matrix with named columns, readable with nothing but NumPy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .cleaning import UNKNOWN, month_name
from .schema import BY_NAME, HISTORY, ISSUED, Field

MISSING_NAME = "missing"
_FILE = "loans.npz"
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Matrix:
    """What a model learns from: `x` float32 (n, f), one column a field, and `y` (n,), where 1 is charged off."""

    fields: Sequence[Field]
    x: npt.NDArray[np.float32]
    y: npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Table:
    """`values` (n, c) float64, where NaN is missing, a category is its code and a date its month; `labels` (n,)."""

    columns: tuple[str, ...]
    values: Floats
    labels: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.labels)

    def column(self, name: str) -> Floats:
        """The column `name`, all NaN when there is none."""
        if name in self.columns:
            return self.values[:, self.columns.index(name)]
        return np.full(len(self), np.nan)

    def rows(self, chosen: npt.NDArray[np.bool_]) -> "Table":
        """The rows that `chosen` (n,) marks."""
        return Table(self.columns, self.values[chosen], self.labels[chosen])

    def feature(self, name: str) -> Floats:
        """A column as a model sees it: the first credit line as its age in months when the loan was granted."""
        column = self.column(name)
        return self.column(ISSUED.name) - column if name == HISTORY.name else column

    def matrix(self, fields: Sequence[Field]) -> Matrix:
        """The columns of `fields`, as a model sees them."""
        x = np.column_stack([self.feature(field.name) for field in fields]).astype(np.float32)
        return Matrix(fields, x, self.labels)

    def instances(self) -> list[dict[str, Any]]:
        """The rows as a client would send them; what is missing is left out."""
        named = [_spelled(BY_NAME[name], column) for name, column in zip(self.columns, self.values.T, strict=True)]
        return [
            {name: value for name, value in zip(self.columns, row, strict=True) if value is not None}
            for row in zip(*named, strict=True)
        ]

    def write(self, folder: Path) -> None:
        """Write the table to `folder`: the same bytes for the same rows."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(folder / _FILE, columns=np.array(self.columns), values=self.values, labels=self.labels)


def read_table(folder: Path) -> Table:
    """The table that was written to `folder`."""
    with np.load(folder / _FILE, allow_pickle=False) as file:
        return Table(tuple(file["columns"].tolist()), file["values"], file["labels"])


def category_names(field: Field, codes: Floats) -> npt.NDArray[np.object_]:
    """The names (n,) of the category `codes`; a missing one is "missing"."""
    names = np.array([UNKNOWN, *field.vocabulary, MISSING_NAME], object)
    chosen: npt.NDArray[np.object_] = names[np.nan_to_num(codes, nan=len(names) - 1).astype(np.intp)]
    return chosen


def _spelled(field: Field, column: Floats) -> Sequence[Any]:
    if field.kind == "category":
        return [None if name == MISSING_NAME else name for name in category_names(field, column).tolist()]
    values = column.tolist()
    if field.kind == "date":
        return [month_name(value) if value == value else None for value in values]
    return [value if value == value else None for value in values]
