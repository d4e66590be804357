"""The cells of a CSV's first line in; where each known column stands out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from headrace.workload import BadData

from .schema import AFTERWARDS, BY_NAME, FEATURES, LABEL, PERSONAL, UNUSED

MIN_FEATURES = 5
"""Fewer known columns than this make no model."""

_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class Header:
    """A checked first line: its cells, and the position of the label and of every known field."""

    cells: tuple[str, ...]
    label: int
    fields: Mapping[str, int]

    def dropped(self) -> dict[str, list[str]]:
        """The columns that no model sees, by the reason why."""
        groups = {"known only after the loan was granted": AFTERWARDS, "personal": PERSONAL, "not used": UNUSED}
        found = {reason: [cell for cell in self.cells if cell in names] for reason, names in groups.items()}
        known = {LABEL, *BY_NAME, *AFTERWARDS, *PERSONAL, *UNUSED}
        found["unknown"] = [cell for cell in self.cells if cell not in known]
        return {reason: cells for reason, cells in found.items() if cells}


def check_header(name: str, line: Sequence[str]) -> Header:
    """The header of the file `name`. Raises BadData when the loans below it could not be used."""
    cells = tuple(cell.strip().lower() for cell in line)
    _refuse_duplicates(name, cells)
    if LABEL not in cells:
        raise BadData(f"{name} has no column {LABEL!r}{_hint(cells)}; name the columns in the first line")
    fields = {cell: place for place, cell in enumerate(cells) if cell in BY_NAME}
    if len(fields) < MIN_FEATURES:
        raise BadData(
            f"{name} has {len(fields)} of the {len(FEATURES)} columns that a model can use, and at least "
            f"{MIN_FEATURES} are needed; add some of {', '.join(field.name for field in FEATURES[:8])}, …"
        )
    return Header(cells, cells.index(LABEL), fields)


def _refuse_duplicates(name: str, cells: Sequence[str]) -> None:
    twice = [cell for cell, times in Counter(cells).items() if times > 1 and (cell == LABEL or cell in BY_NAME)]
    if twice:
        raise BadData(f"{name} has the column {twice[0]!r} {cells.count(twice[0])} times; keep one of them")


def _hint(cells: Sequence[str]) -> str:
    if len(cells) == 1:
        for delimiter, plural in _OTHER_DELIMITERS.items():
            if delimiter in cells[0]:
                return f" and its first line is separated by {plural}: save it with commas"
    near = get_close_matches(LABEL, cells, n=1)
    start = ", ".join(cell[:30] for cell in cells[:5])
    return f" (is it {near[0]!r}?)" if near else f" (it starts with {start})"
