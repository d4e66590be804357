"""An image of any size in; overlapping tiles of one size, and from tiles an image without seams, out."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .layout import TILE

OVERLAP = 64
"""Pixels at least that neighbouring tiles share; across them one fades into the other."""

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tiling:
    """How an image of `height` × `width` is covered: evenly, in rows of tiles. What is too small is mirrored out."""

    height: int
    width: int

    def __len__(self) -> int:
        return len(_starts(self.height)) * len(_starts(self.width))

    def cut(self, image: Pixels) -> Pixels:
        """The tiles (n, 256, 256) of an image (height, width)."""
        missing = [(0, max(0, TILE - side)) for side in image.shape]
        image = np.pad(image, missing, "reflect")
        return np.stack([image[top : top + TILE, left : left + TILE] for top, left in self._corners()])

    def blended(self, tiles: Floats) -> Floats:
        """The image (channels, height, width) that `tiles` (n, channels, 256, 256) make together."""
        sums = np.zeros((tiles.shape[1], max(TILE, self.height), max(TILE, self.width)), np.float32)
        weights = np.zeros(sums.shape[1:], np.float32)
        for tile, (top, left) in zip(tiles, self._corners(), strict=True):
            place = np.s_[top : top + TILE, left : left + TILE]
            sums[:, *place] += tile * _FADE
            weights[place] += _FADE
        sums /= weights
        return sums[:, : self.height, : self.width]

    def _corners(self) -> list[tuple[int, int]]:
        return [(top, left) for top in _starts(self.height) for left in _starts(self.width)]


def _starts(side: int) -> list[int]:
    """Where tiles begin along a side."""
    last = max(0, side - TILE)
    tiles = 1 + math.ceil(last / (TILE - OVERLAP))
    return [round(place) for place in np.linspace(0, last, tiles)]


def _fade() -> Floats:
    """What each pixel of a tile weighs: less towards the edge, never nothing."""
    inwards = np.minimum(np.arange(1, TILE + 1), np.arange(TILE, 0, -1))
    ramp = np.minimum(inwards / OVERLAP, 1.0).astype(np.float32)
    return ramp[:, None] * ramp


_FADE = _fade()
