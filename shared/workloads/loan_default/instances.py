"""A table in; its loans as a client would send them, spelled when they are looked at, out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from headrace.instances import Spelled

from .cleaning import UNKNOWN, month_name
from .schema import HISTORY, ISSUED, Field
from .table import Floats, Table

MISSING_NAME = "missing"
_DECIMALS = 2


def as_sent(table: Table) -> Spelled:
    """The loans of `table`; what is missing is left out."""
    return Spelled(len(table), lambda places: spelled(table.rows(places)))


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
