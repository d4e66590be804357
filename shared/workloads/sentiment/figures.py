"""Outcomes on a test split in; tables of them as CSV out."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import cast

from headrace.workload import Arrays

from .metrics import Floats, Truth, confusion, roc


def tables(outcomes: Arrays) -> Mapping[str, bytes]:
    """`confusion.csv` counts texts by actual and predicted class, `roc.csv` has the points of the curve."""
    p, y = cast(Floats, outcomes["p"]), cast(Truth, outcomes["y"])
    counts = [(actual, called, count) for actual, row in enumerate(confusion(p, y)) for called, count in enumerate(row)]
    points = [[f"{value:.6g}" for value in point] for point in roc(p, y).tolist()]
    return {
        "confusion.csv": _table(("actual", "predicted", "texts"), counts),
        "roc.csv": _table(("threshold", "fpr", "tpr"), points),
    }


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
