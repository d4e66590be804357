"""The text of a cell, as CSV has it, or a value, as Parquet has it, in; what JSON would have for it out."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any

from headrace.workload import Field

Value = str | float | bool | None
Cell = Callable[[str], Value]

_ABSENT = frozenset(("", "na", "n/a", "#n/a", "<na>", "nan", "null", "none"))
TRUTHS = {"true": True, "false": False}


def text(cell: str) -> Value:
    """The text; None for an empty one."""
    return cell or None


def number(cell: str) -> Value:
    """The number; None where it is missing. What is no number stays a text, for the model to say what it expected."""
    try:
        found = float(cell)
    except ValueError:
        return None if cell.strip().lower() in _ABSENT else cell
    if isfinite(found) and "_" not in cell:
        return found
    return None if found != found else cell


def truth(cell: str) -> Value:
    """True or False, None where it is missing, or the text as it is."""
    word = cell.strip().lower()
    return None if word in _ABSENT else TRUTHS.get(word, cell)


_CELLS: Mapping[str, Cell] = {"number": number, "boolean": truth}


def reading(field: Field | None) -> Cell:
    """How the cells of a field are read, or those of a column that is no field."""
    return _CELLS.get(field.kind, text) if field else text


def plain(value: Any) -> Any:
    """A value of Parquet's."""
    if isinstance(value, float | Decimal):
        return float(value) if isfinite(value) else None if value != value else str(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date | time) else value
