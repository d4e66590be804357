"""CSVs in; their labelled rows, split into two folders of arrays, out; and such a folder read again."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from headrace.workload import BadData, Dataset, Instance, Prepared

from .classes import Labels, key, tested
from .codec import LONGEST, MISSING, number
from .intake import COLUMNS, rows
from .schema import CATEGORIES, CLASSES, NUMBERS

_MOST_NOTES = 6


def prepare(dataset: Dataset, folder: Path) -> Prepared:
    """Write `folder/train` and `folder/test`."""
    notes: Counter[str] = Counter()
    found = sorted(_labelled(dataset, notes))
    cells = np.array([row for _, row in found], np.str_).reshape(-1, len(COLUMNS))
    labels = np.array([CLASSES.index(label) for label in cells[:, -1]], np.int64)
    said = [f"{what}: {count:,}" for what, count in notes.most_common(_MOST_NOTES)]
    test = tested([hashed for hashed, _ in found], labels, said)
    for part, chosen in (("train", ~test), ("test", test)):
        (folder / part).mkdir(parents=True)
        np.save(folder / part / "cells.npy", cells[chosen, :-1])
        np.save(folder / part / "labels.npy", labels[chosen])
    return Prepared(int((~test).sum()), int(test.sum()), said)


def read(folder: Path) -> tuple[list[Instance], Labels]:
    """The rows in a folder that `prepare` wrote, as a client could send them, and the class of each."""
    cells = np.load(folder / "cells.npy").tolist()
    return [dict(zip(NUMBERS + CATEGORIES, row, strict=True)) for row in cells], np.load(folder / "labels.npy")


def _labelled(dataset: Dataset, notes: Counter[str]) -> Iterator[tuple[int, list[str]]]:
    """Each row after a hash of it without its label."""
    for name in dataset.names:
        path = dataset.path(name)
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in rows(path.name, file):
                if row is None:
                    notes["rows set aside, of more or fewer cells than the header"] += 1
                elif row[-1] not in CLASSES:
                    notes[f"rows set aside, labelled {row[-1][:LONGEST]!r}"] += 1
                else:
                    cells = [*_numbers(row, notes), *(cell[:LONGEST] for cell in row[len(NUMBERS) : -1])]
                    if all(cell in MISSING for cell in cells):
                        notes["rows set aside, without a value"] += 1
                    else:
                        yield key("\0".join(cells).encode()), [*cells, row[-1]]


def _numbers(row: list[str], notes: Counter[str]) -> Iterator[str]:
    for name, cell in zip(NUMBERS, row, strict=False):
        try:
            number({name: cell}, name)
            yield cell
        except BadData:
            notes[f"values of {name} taken as missing, for they are no numbers"] += 1
            yield ""
