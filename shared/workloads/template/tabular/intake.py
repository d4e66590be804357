"""The first bytes of a CSV in; nothing out, or BadData when it lacks a column. Whole files are read with it, too."""

import csv
from collections.abc import Iterable, Iterator

from headrace.workload import BadData, Intake

from .schema import CATEGORIES, LABEL, NUMBERS

COLUMNS = (*NUMBERS, *CATEGORIES, LABEL)


class _Intake:
    def peek(self, name: str, head: bytes) -> None:
        lines = head.decode("utf-8-sig", "replace").splitlines(keepends=True)
        if next(rows(name, lines), None) is None and len(lines) < 2:
            raise BadData(f"{name} has a header and nothing below it; upload it with its rows")


def rows(name: str, lines: Iterable[str]) -> Iterator[list[str] | None]:
    """The cells of COLUMNS, row by row; None for a row of more or fewer cells than the header. Raises BadData."""
    lines = iter(lines)
    try:
        first = next(lines, "")
        delimiter = max(",;\t", key=first.count)
        header = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter), [])]
        if missing := [column for column in COLUMNS if column not in header]:
            found = f"has the columns {', '.join(header)[:200]}" if header else "is empty"
            raise BadData(f"{name} {found}; name {', '.join(missing)} in its first line, or edit schema.py")
        places = [header.index(column) for column in COLUMNS]
        for cells in csv.reader(lines, delimiter=delimiter):
            if cells:
                yield [cells[place].strip() for place in places] if len(cells) == len(header) else None
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadData(f"{name} cannot be read as a CSV in UTF-8 ({error}); save it anew") from None


intake: Intake = _Intake()
