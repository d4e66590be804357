"""Pictures in rows in; one picture of them all, to look at, out."""

from collections.abc import Sequence

import numpy as np

from headrace.images.pixels import Pixels
from headrace.images.writing import png

_GAP = 4


def grid(rows: Sequence[Sequence[Pixels]]) -> bytes:
    """A PNG of the pictures, grey or in colour, in their rows on white; a cell is as large as the largest picture."""
    if not any(len(row) for row in rows):
        raise ValueError("a grid needs one picture at least")
    height = max(picture.shape[0] for row in rows for picture in row) + _GAP
    width = max(picture.shape[1] for row in rows for picture in row) + _GAP
    sheet = np.full((len(rows) * height + _GAP, max(len(row) for row in rows) * width + _GAP, 3), 255, np.uint8)
    for line, row in enumerate(rows):
        for place, picture in enumerate(row):
            top, left = line * height + _GAP, place * width + _GAP
            coloured = picture if picture.ndim == 3 else picture[:, :, None]
            sheet[top : top + picture.shape[0], left : left + picture.shape[1]] = coloured
    return png(sheet)
