"""The scores of each held-out pair in; a table and a drawing of them, out."""

from typing import cast

import numpy as np
import numpy.typing as npt

from headrace.images import png
from headrace.workload import Arrays

from .scores import MEASURES

_SIDE, _MARGIN, _DOT = 480, 24, 2
_AXIS, _INK = (150, 150, 150), (20, 90, 160)


def table(outcomes: Arrays) -> bytes:
    """One line a pair, in the order of the test split."""
    columns = [outcomes[name].tolist() for name in MEASURES]
    lines = (",".join(f"{value:.6g}" for value in row) for row in zip(*columns, strict=True))
    return "\n".join([",".join(MEASURES), *lines, ""]).encode()


def scatter(outcomes: Arrays) -> bytes:
    """A dot a pair: PSNR from the left, 0 to 40 dB, and SSIM from the bottom, 0 to 1."""
    right = _places(cast(npt.NDArray[np.float64], outcomes["psnr"]) / 40)
    up = _places(cast(npt.NDArray[np.float64], outcomes["ssim"]))
    sheet = np.full((_SIDE, _SIDE, 3), 255, np.uint8)
    sheet[-_MARGIN, _MARGIN:] = sheet[:-_MARGIN, _MARGIN] = _AXIS
    for x, y in zip(right, up, strict=True):
        sheet[_SIDE - y - _DOT : _SIDE - y + _DOT + 1, x - _DOT : x + _DOT + 1] = _INK
    return png(sheet)


def _places(shares: npt.NDArray[np.float64]) -> list[int]:
    span = _SIDE - 2 * _MARGIN
    return [_MARGIN + round(share) for share in np.clip(shares, 0, 1) * span]
