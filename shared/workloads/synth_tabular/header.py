"""A table's column names in; the names of its features, checked, out."""

from collections import Counter
from collections.abc import Sequence

from headrace.workload import BadData

LABEL = "label"
MOST_FEATURES = 2000
_SHOWN = 8


def features(file: str, names: Sequence[str]) -> tuple[str, ...]:
    """Every column but the label, sorted: the order of columns in a file means nothing. Raises BadData."""
    if LABEL not in names:
        raise BadData(f"{file} has no column {LABEL!r} but {few(names)}; name the column that holds the class so")
    if repeated := [name for name, count in Counter(names).items() if count > 1]:
        raise BadData(f"{file} has several columns named {few(repeated)}; give each a name of its own")
    if any(not name.strip() for name in names):
        raise BadData(f"{file} has a column without a name, number {_nameless(names)}; name it or leave it out")
    found = tuple(sorted(set(names) - {LABEL}))
    if not found:
        raise BadData(f"{file} has no column beside {LABEL!r}; add the numbers that the class follows from")
    if len(found) > MOST_FEATURES:
        raise BadData(f"{file} has {len(found):,} columns, more than the {MOST_FEATURES:,} that fit; choose some")
    return found


def few(names: Sequence[str]) -> str:
    """The first of them, for a sentence."""
    return ", ".join(map(repr, names[:_SHOWN])) + (", …" if len(names) > _SHOWN else "")


def _nameless(names: Sequence[str]) -> int:
    return next(number for number, name in enumerate(names, 1) if not name.strip())
