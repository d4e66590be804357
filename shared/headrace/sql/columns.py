"""A batch of rows in; its columns, each of one kind of value that a file can hold, or a sentence naming one, out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from headrace.errors import Rejected

Columns = Mapping[str, Sequence[Any]]
"""Values by column, NULL as None; a moment with a time zone is in UTC."""

_WORDS: Mapping[type, str] = {
    bool: "booleans",
    int: "whole numbers",
    float: "floating-point numbers",
    Decimal: "decimals",
    str: "text",
    bytes: "bytes",
    date: "dates",
    datetime: "timestamps",
    time: "times of day",
}
_MIXED: Sequence[set[type]] = ({int, float}, {int, Decimal})


def columns_of(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Columns:
    """The columns of a batch that is not empty. Raises Rejected for values that go into no file, or not together."""
    return {name: _column(name, values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}


def _column(name: str, values: Sequence[Any]) -> Sequence[Any]:
    kinds = _kinds(values)
    for kind in kinds & _PLAIN.keys():
        values = [_PLAIN[kind](value) if type(value) is kind else value for value in values]
    kinds = _kinds(values)
    if unknown := kinds - _WORDS.keys():
        raise Rejected(f"the column {name!r} holds {_named(unknown)}, which goes into no file; CAST it in the query")
    if len(kinds) > 1 and kinds not in _MIXED:
        raise Rejected(f"the column {name!r} holds {_named(kinds)}; CAST it to one of them in the query")
    return values


def _kinds(values: Sequence[Any]) -> set[type]:
    return set(map(type, values)) - {type(None)}


def _named(kinds: set[type]) -> str:
    return " and ".join(sorted(_WORDS.get(kind, kind.__name__) for kind in kinds))


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment


_PLAIN: Mapping[type, Callable[[Any], Any]] = {memoryview: bytes, UUID: str, datetime: _in_utc}
