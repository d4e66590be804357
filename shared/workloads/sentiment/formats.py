"""The first line of a file in; which of the three forms it has, and how to read a row of it, out."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from headrace.workload import BadData

from .labels import NEGATIVE, NEUTRAL, POSITIVE

TEXT = ("text", "sentence", "review", "tweet", "phrase", "comment")
LABEL = ("label", "sentiment", "target", "polarity")

_TWEET_CELLS = 6
_TWEET_LABELS = {"0": NEGATIVE, "2": NEUTRAL, "4": POSITIVE}


@dataclass(frozen=True, slots=True)
class Form:
    """How rows lie in a file: the number of cells, where text and label are, and what a label's cell says."""

    cells: int
    text: int
    label: int
    header: bool
    split: Callable[[Iterable[str]], Iterator[list[str]]]
    names: dict[str, str] | None = None
    encodings: tuple[str, ...] = ("utf-8",)

    def name(self, row: Sequence[str]) -> str:
        """What the label of `row` is called."""
        cell = row[self.label].strip()
        return cell if self.names is None else self.names.get(cell, cell)


def form_of(name: str, line: str) -> Form:
    """The form of the file `name` with this first line. Raises BadData when it has none of the three."""
    if name.lower().removesuffix(".gz").endswith(".tsv"):
        return _by_header(name, line, _tab_separated, "tabs")
    cells = next(_comma_separated([line]), [])
    if _is_tweet(cells):
        names, encodings = _TWEET_LABELS, ("utf-8", "latin-1")
        return Form(_TWEET_CELLS, _TWEET_CELLS - 1, 0, False, _comma_separated, names, encodings)
    return _by_header(name, line, _comma_separated, "commas")


def _is_tweet(cells: Sequence[str]) -> bool:
    return len(cells) == _TWEET_CELLS and cells[0].strip() in _TWEET_LABELS and cells[1].strip().isdecimal()


def _by_header(name: str, line: str, split: Callable[[Iterable[str]], Iterator[list[str]]], by: str) -> Form:
    cells = [cell.strip().casefold() for cell in next(split([line]), [])]
    places = [[place for place, cell in enumerate(cells) if cell in names] for names in (TEXT, LABEL)]
    for what, found, names in zip(("text", "label"), places, (TEXT, LABEL), strict=True):
        if len(found) != 1:
            fault = f"has {len(found)} columns of {what}s" if found else f"has no column of {what}s"
            raise BadData(
                f"{name} {fault}{_hint(cells, names)}; separate the cells by {by} and name the columns "
                f"{TEXT[0]!r} and {LABEL[0]!r} in the first line"
            )
    (text,), (label,) = places
    return Form(len(cells), text, label, True, split)


def _hint(cells: Sequence[str], names: Sequence[str]) -> str:
    for cell in cells:
        if near := get_close_matches(cell, names, n=1):
            return f" (is {cell[:30]!r} meant to be {near[0]!r}?)"
    return f" (its first line is {', '.join(cell[:30] for cell in cells[:5])})"


def _comma_separated(lines: Iterable[str]) -> Iterator[list[str]]:
    return csv.reader(lines)


def _tab_separated(lines: Iterable[str]) -> Iterator[list[str]]:
    return (line.rstrip("\r\n").split("\t") for line in lines)
