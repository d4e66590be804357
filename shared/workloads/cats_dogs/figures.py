"""Probabilities and labels of the test split in; the confusion matrix as a drawing and a table, and curves, out."""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .curves import Floats, Truth, confusion, curve
from .labels import CLASSES

_CELL, _MARGIN, _TEXT = 140, 90, 22
_INK, _PAPER, _FULL = (34, 34, 34), (255, 255, 255), (31, 90, 150)
_MOST_POINTS = 500


def draw(p: Floats, y: Truth) -> dict[str, bytes]:
    """Files by name, for the probabilities `p` (n,) of a dog and the truth `y` (n,)."""
    called = [(CLASSES[truth], CLASSES[said]) for truth, said in zip(y.astype(int), (p > 0.5).astype(int), strict=True)]
    found = curve(p, y)
    roc = _points(found.false_positives, found.recall, found.thresholds)
    return {
        "confusion.png": _matrix(confusion(p, y).tolist()),
        "confusion.csv": _table(["actual", "predicted"], called),
        "roc.csv": _table(["fpr", "tpr", "threshold"], [(0.0, 0.0, 1.0), *roc]),
        "precision_recall.csv": _table(
            ["recall", "precision", "threshold"], _points(found.recall, found.precision, found.thresholds)
        ),
    }


def _points(*columns: Floats) -> list[tuple[float, ...]]:
    """The columns as rows, thinned where there are very many."""
    total = len(columns[0])
    rows = np.unique(np.linspace(0, total - 1, min(total, _MOST_POINTS)).round().astype(np.int64))
    return list(zip(*(column[rows].tolist() for column in columns), strict=True))


def _table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return text.getvalue().encode()


def _matrix(counts: Sequence[Sequence[int]]) -> bytes:
    """A cell is the darker the more of its row's class it holds."""
    side = len(counts) * _CELL
    sheet = Image.new("RGB", (_MARGIN + side + 20, _MARGIN + side + 20), _PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(_TEXT)
    for row, line in enumerate(counts):
        top = _MARGIN + row * _CELL
        pen.text((_MARGIN - 12, top + _CELL / 2), CLASSES[row], _INK, font, "rm")
        pen.text((top + _CELL / 2, _MARGIN - 14), f"called {CLASSES[row]}", _INK, font, "ms")
        for column, count in enumerate(line):
            share, left = count / max(sum(line), 1), _MARGIN + column * _CELL
            colour = tuple(round(paper + share * (full - paper)) for paper, full in zip(_PAPER, _FULL, strict=True))
            pen.rectangle((left, top, left + _CELL - 2, top + _CELL - 2), colour)
            ink = _PAPER if share > 0.5 else _INK
            pen.text((left + _CELL / 2, top + _CELL / 2), f"{count:,}\n{share:.0%}", ink, font, "mm", align="center")
    stream = BytesIO()
    sheet.save(stream, "PNG")
    return stream.getvalue()
