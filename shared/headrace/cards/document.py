"""A document as its parts: a title, a word on top, sections of sentences and tables."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under the names of their columns; the first column says what a row is about."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


Part = str | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what is said under it."""

    title: str
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Document:
    """`word` is the one thing to know of it, which is good news or is not; `about` a line that says what it is of."""

    title: str
    about: str
    word: str
    good: bool
    sections: Sequence[Section]
