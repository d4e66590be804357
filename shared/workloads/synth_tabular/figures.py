"""Outcomes on the test split in; the confusion matrix, the classes' scores and every answer, as files, out."""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from typing import cast

import numpy as np
import pyarrow as pa
from PIL import Image, ImageDraw, ImageFont
from pyarrow import parquet

from headrace.workload import Arrays

from .classes import Identities
from .metrics import Counts, confusion, f1, precision, recall

_CELL, _MARGIN, _TEXT, _MOST_NUMBERED = 96, 120, 16, 20
_INK, _PAPER, _FULL = (34, 34, 34), (255, 255, 255), (31, 90, 150)
_ELSEWHERE = "another"


def draw(outcomes: Arrays) -> dict[str, bytes]:
    """`confusion.png`, `confusion.csv`, `classes.csv` and `predictions.parquet`."""
    truth, predicted = cast(Identities, outcomes["y"]), cast(Identities, outcomes["predicted"])
    found, counts = confusion(truth, predicted)
    known = dict(zip(truth.tolist(), outcomes["label"].tolist(), strict=True))
    names = [known.get(each, _ELSEWHERE) for each in found.tolist()]
    order = sorted(range(len(names)), key=names.__getitem__)
    names, counts = [names[place] for place in order], counts[np.ix_(order, order)]
    answers = [known.get(each, _ELSEWHERE) for each in predicted.tolist()]
    return {
        "confusion.png": _matrix(names, counts),
        "confusion.csv": _table(
            ["truth", *names], ([name, *row] for name, row in zip(names, counts.tolist(), strict=True))
        ),
        "classes.csv": _classes(names, counts),
        "predictions.parquet": _predictions(outcomes, answers),
    }


def _classes(names: Sequence[str], counts: Counts) -> bytes:
    columns = [counts.sum(1), precision(counts).round(4), recall(counts).round(4), f1(counts).round(4)]
    rows = zip(names, *(column.tolist() for column in columns), strict=True)
    return _table(["class", "rows", "precision", "recall", "f1"], rows)


def _predictions(outcomes: Arrays, answers: Sequence[str]) -> bytes:
    """One row a test row, in the order of the test split."""
    columns = {"label": outcomes["label"].tolist(), "predicted": answers, "probability_of_label": outcomes["p"]}
    stream = BytesIO()
    parquet.write_table(pa.table(columns), stream, compression="zstd")
    return stream.getvalue()


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _matrix(names: Sequence[str], counts: Counts) -> bytes:
    """A cell is the darker the more of its row's class it holds; of many classes, only the cells are drawn."""
    few = len(names) <= _MOST_NUMBERED
    cell = _CELL if few else max(2000 // len(names), 2)
    side = _MARGIN + len(names) * cell + 10
    sheet = Image.new("RGB", (side, side), _PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(_TEXT)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    for row, column in np.ndindex(counts.shape):
        left, top, share = _MARGIN + column * cell, _MARGIN + row * cell, float(shares[row, column])
        colour = tuple(round(paper + share * (full - paper)) for paper, full in zip(_PAPER, _FULL, strict=True))
        pen.rectangle((left, top, left + cell - 1, top + cell - 1), colour)
        if few:
            text, ink = f"{counts[row, column]:,}\n{share:.0%}", _PAPER if share > 0.5 else _INK
            pen.text((left + cell / 2, top + cell / 2), text, ink, font, "mm", align="center")
    pen.text((_MARGIN - 12, _MARGIN - 44), "of ↓  called →", _INK, font, "rs")
    for place, name in enumerate(names if few else []):
        middle = _MARGIN + (place + 0.5) * cell
        pen.text((_MARGIN - 12, middle), name[:12], _INK, font, "rm")
        pen.text((middle, _MARGIN - 14), name[:10], _INK, font, "ms")
    stream = BytesIO()
    sheet.save(stream, "PNG")
    return stream.getvalue()
