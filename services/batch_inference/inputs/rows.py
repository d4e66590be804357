"""What is read of an input: rows, and the stretches in which they are scored; and which columns count."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from headrace.workload import BadData, Field, Instance

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it is in its file, and what is to be predicted, or why it cannot be."""

    key: int | str
    instance: Instance | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """So many rows, read when they are asked for, which is before the next stretch or never."""

    number: int
    rows: Callable[[], Iterable[Row]]


class Reader(Protocol):
    """The stretches of one file."""

    key: str
    """What a row's key is called: `line`, `row` or `file`."""
    unused: Sequence[str]
    """Columns that the model does not ask for, once the first stretch is there."""

    def stretches(self) -> Iterator[Stretch]:
        """In order. Raises BadData for a file that is not what its name says."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the fields of a model stand in a table of so many columns."""

    width: int
    fields: tuple[tuple[int, Field], ...]
    unused: tuple[str, ...]

    @classmethod
    def of(cls, name: str, names: Sequence[str], fields: Sequence[Field]) -> "Columns":
        """Raises BadData for a table without what the model needs, or that has it twice."""
        known = {field.name: field for field in fields}
        for column in known:
            if names.count(column) > 1:
                raise BadData(f"{name} has the column {column!r} {names.count(column)} times; keep one of them")
        missing = [field.name for field in fields if field.required and field.name not in names]
        if missing or known.keys().isdisjoint(names):
            asked = ", ".join((missing or list(known))[:_SHOWN])
            begins = ", ".join(each[:30] for each in names[:_SHOWN])
            raise BadData(f"{name} lacks the columns that the model asks for, such as {asked}; it begins with {begins}")
        found = tuple((place, known[each]) for place, each in enumerate(names) if each in known)
        return cls(len(names), found, tuple(each for each in names if each and each not in known))


def only(fields: Sequence[Field], kind: str, name: str) -> str:
    """The name of the one field that a model needs, when it is of that kind. Raises BadData."""
    needed = [field for field in fields if field.required] or list(fields)
    if len(needed) != 1 or needed[0].kind != kind:
        asked = ", ".join(field.name for field in needed[:_SHOWN])
        raise BadData(
            f"{name} holds {kind}s alone, and the model asks for {asked}; send a CSV or Parquet file with that"
        )
    return needed[0].name
