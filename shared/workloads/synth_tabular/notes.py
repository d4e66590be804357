"""What was prepared in; sentences that the owner of the data should read, out."""

from collections.abc import Iterator, Sequence

import numpy as np

from .header import few
from .preparing import Found
from .spool import TEST_SHARE

_SHOWN = 6
_MOSTLY = 0.5


def about(found: Found) -> list[str]:
    """The size, the split, the classes, and what was set aside or cannot help."""
    train, test = found.train, found.test
    rows = len(train.y) + len(test.y)
    counts = np.bincount(train.y, minlength=len(train.classes)).tolist()
    shares = [f"{count / len(train.y):.0%} {name}" for name, count in zip(train.classes, counts, strict=True)]
    return [
        f"{rows:,} rows of {len(train.features)} numbers; {len(train.classes)} classes: {_few(shares)}",
        f"the {TEST_SHARE:.0%} of the rows with the lowest hashes of their content are the test split",
        *_set_aside(found),
        *_columns(found),
    ]


def _set_aside(found: Found) -> Iterator[str]:
    if found.unlabelled:
        yield f"{found.unlabelled:,} rows without a class set aside: {_few(found.places)}"
    if found.rare:
        counts = [f"{rows:,} of {name!r}" for name, rows in found.rare.items()]
        yield f"{sum(found.rare.values()):,} rows of classes too rare to learn set aside: {_few(counts)}"
    if found.repeats:
        yield f"{found.repeats:,} rows are repeats of others; equal rows are in the same split"


def _columns(found: Found) -> Iterator[str]:
    names, scaling = np.array(found.train.features, object), found.scaling
    missing = 1 - scaling.count / len(found.train.y)
    if len(empty := names[missing == 1].tolist()):
        yield f"columns without any value, which cannot help: {few(empty)}"
    if len(constant := names[scaling.constant & (missing < 1)].tolist()):
        yield f"columns of one value only, which cannot help: {few(constant)}"
    if len(sparse := names[(missing > _MOSTLY) & (missing < 1)].tolist()):
        yield f"columns that are mostly missing, and then taken for their mean: {few(sparse)}"


def _few(shown: Sequence[str]) -> str:
    return ", ".join(shown[:_SHOWN]) + (", …" if len(shown) > _SHOWN else "")
