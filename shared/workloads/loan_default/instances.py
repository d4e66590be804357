"""A table in; its loans as a client would send them, spelled when they are looked at, out."""

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from headrace.workload import Instance

from .cleaning import UNKNOWN, month_name
from .schema import HISTORY, ISSUED, Field
from .table import Floats, Table

MISSING_NAME = "missing"
_CHUNK = 1024
_DECIMALS = 2


class Instances(Sequence[Instance]):
    """The loans of a table; what is missing is left out.

    Loans are spelled some at a time, and the last of them are kept, for whoever goes through them in order.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._first, self._chunk = 0, list[dict[str, Any]]()

    def __len__(self) -> int:
        return len(self._table)

    @overload
    def __getitem__(self, place: int) -> Instance: ...
    @overload
    def __getitem__(self, place: slice) -> list[Instance]: ...
    def __getitem__(self, place: int | slice) -> Instance | list[Instance]:
        if isinstance(place, slice):
            return [*spelled(self._table.rows(place))]
        place = range(len(self))[place]
        if not 0 <= place - self._first < len(self._chunk):
            first = place - place % _CHUNK
            self._first, self._chunk = first, spelled(self._table.rows(slice(first, first + _CHUNK)))
        return self._chunk[place - self._first]


def spelled(table: Table) -> list[dict[str, Any]]:
    """Every loan of `table`."""
    columns = {field.name: _spelled(field, table) for field in table.fields}
    columns[ISSUED.name] = _months(table.issued)
    return [
        {name: value for name, value in zip(columns, row, strict=True) if value is not None}
        for row in zip(*columns.values(), strict=True)
    ]


def category_names(field: Field, codes: npt.NDArray[np.floating]) -> npt.NDArray[np.object_]:
    """The names (n,) of the category `codes`; a missing one is "missing"."""
    names = np.array([UNKNOWN, *field.vocabulary, MISSING_NAME], object)
    chosen: npt.NDArray[np.object_] = names[np.nan_to_num(codes, nan=len(names) - 1).astype(np.intp)]
    return chosen


def _spelled(field: Field, table: Table) -> Sequence[Any]:
    column = table.x[:, table.fields.index(field)]
    if field.kind == "category":
        return [None if name == MISSING_NAME else name for name in category_names(field, column).tolist()]
    if field == HISTORY:
        return _months(table.issued - column)
    # A number as it was written, 13.56, and not as float32 has it, 13.5600004, as long as both are the same float32.
    short = np.round(column.astype(np.float64), _DECIMALS)
    values = np.where(short.astype(np.float32) == column, short, column).tolist()
    return [value if value == value else None for value in values]


def _months(column: Floats) -> Sequence[str | None]:
    return [month_name(value) if value == value else None for value in column.tolist()]
