"""One cell as a file or a client writes it in; its number (NaN when missing, a code for a category) out."""

import math
import re
from collections.abc import Callable
from functools import lru_cache

from headrace.workload import BadData

from .schema import Field, Kind

Reader = Callable[[object], float]

MISSING = math.nan
UNKNOWN = "unknown"
"""The category of every value that the vocabulary lacks; its code is 0."""

_ABSENT = frozenset({"", "n/a", "na", "nan", "none", "null", "nil", "-"})
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_QUANTITY = re.compile(r"(<\s*)?(\d+)\+?\s*(years?|months?)")
_NAMED = re.compile(r"([a-z]{3})-(\d{4}|\d{2})")
_ISO = re.compile(r"(\d{4})-(\d{2})(-\d{2})?")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBER = {name.lower(): number for number, name in enumerate(_MONTHS)}
_LONGEST = 40
_FIRST_YEAR, _LAST_YEAR, _PIVOT = 1900, 2100, 40


def reader(field: Field) -> Reader:
    """What reads the values of `field`; it raises BadData naming the field, the value and what was expected."""
    if field.kind == "category":
        return _category(field)
    return _date(field) if field.kind == "date" else _number(field)


def shown(value: object) -> str:
    """`value` as an error message may carry it: one short line."""
    if isinstance(value, int) and value.bit_length() > 64:
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else f"{value[:57]}…")
    return repr(value) if value is None or isinstance(value, (int, float)) else f"a {type(value).__name__}"


def month_name(month: float) -> str:
    """The month with this index as LendingClub writes it, such as "Aug-1998"."""
    year, number = divmod(int(month), 12)
    return f"{_MONTHS[number]}-{year}"


def _number(field: Field) -> Reader:
    low, high = field.low, field.high

    def read(value: object) -> float:
        number: float | None
        if type(value) is float or type(value) is int:  # bool is an int, and no number
            number = value
        elif value is None or value == "":
            return MISSING
        else:
            number = _parse(field.kind, value) if isinstance(value, str) else None
            if number is MISSING:
                return MISSING
        if number is not None and low <= number <= high:
            return number
        raise BadData(f"{field.name}: {shown(value)} is not {expected(field)}")

    return read


def _parse(kind: Kind, text: str) -> float | None:
    if text[-1].isdigit():
        return _plain(text)
    return _written(kind, text) if len(text) <= _LONGEST else None


def _plain(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return float(text.replace(",", "")) if _GROUPED.fullmatch(text) else None
    return None if "_" in text or number != number else number


@lru_cache(maxsize=4096)
def _written(kind: Kind, text: str) -> float | None:
    text = text.strip().lower()
    if text in _ABSENT:
        return MISSING
    if kind == "percent":
        return _plain(text.removesuffix("%").rstrip())
    quantity = _QUANTITY.fullmatch(text)
    if quantity and quantity[3].rstrip("s") == kind.rstrip("s"):
        return 0.0 if quantity[1] else float(quantity[2])
    return _plain(text)


def _date(field: Field) -> Reader:
    def read(value: object) -> float:
        if value is None or value == "":
            return MISSING
        month = _month(value) if isinstance(value, str) and len(value) <= _LONGEST else None
        if month is None:
            raise BadData(f"{field.name}: {shown(value)} is not {expected(field)}")
        return month

    return read


@lru_cache(maxsize=4096)
def _month(text: str) -> float | None:
    text = text.strip().lower()
    if text in _ABSENT:
        return MISSING
    year, month = -1, -1
    if named := _NAMED.fullmatch(text):
        year, month = int(named[2]), _MONTH_NUMBER.get(named[1], -1)
        if len(named[2]) == 2:
            year += 2000 if year < _PIVOT else 1900
    elif iso := _ISO.fullmatch(text):
        year, month = int(iso[1]), int(iso[2]) - 1
    known = _FIRST_YEAR <= year <= _LAST_YEAR and 0 <= month < 12
    return float(year * 12 + month) if known else None


def _category(field: Field) -> Reader:
    codes = {name: float(code) for code, name in enumerate(field.vocabulary, 1)}
    folded = {name.casefold(): code for name, code in codes.items()}

    def read(value: object) -> float:
        if type(value) is str:
            code = codes.get(value)
            return code if code is not None else spelled(value.strip().casefold())
        if value is None:
            return MISSING
        raise BadData(f"{field.name}: {shown(value)} is not {expected(field)}")

    def spelled(text: str) -> float:
        code = folded.get(text)
        if code is not None:
            return code
        return MISSING if text in _ABSENT else 0.0

    return read


def expected(field: Field) -> str:
    """What a value of `field` is, in words."""
    between = f"from {field.low:g} to {field.high:g}"
    return {
        "number": f"a number {between}",
        "percent": f'a percentage {between}, such as 13.5 or "13.5%"',
        "years": f'a number of years {between}, such as 3, "10+ years" or "< 1 year"',
        "months": f'a number of months {between}, such as 36 or "36 months"',
        "date": 'a month such as "Aug-1998" or "1998-08"',
        "category": f'a text such as "{field.vocabulary[0]}"' if field.vocabulary else "a text",
    }[field.kind]
