"""An image of any size in; overlapping tiles of one size, and from tiles an image without seams, out."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .layout import TILE

OVERLAP = 64
"""Pixels at least that neighbouring tiles share, where nobody says otherwise."""

MOST_OVERLAP = 192

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tiling:
    """How an image of `height` × `width` is covered: evenly, in rows of tiles. What is too small is mirrored out.

    Neighbouring tiles share `overlap` pixels or more. With `blend` one fades into the other across them, without it
    each ends in the middle of what it shares.
    """

    height: int
    width: int
    overlap: int = OVERLAP
    blend: bool = True

    def __len__(self) -> int:
        return len(self._starts(self.height)) * len(self._starts(self.width))

    def cut(self, image: Pixels) -> Pixels:
        """The tiles (n, 256, 256) of an image (height, width)."""
        missing = [(0, max(0, TILE - side)) for side in image.shape]
        image = np.pad(image, missing, "reflect")
        return np.stack([image[top : top + TILE, left : left + TILE] for top, left in self._corners()])

    def joined(self, tiles: Floats) -> Floats:
        """The image (channels, height, width) that `tiles` (n, channels, 256, 256) make together."""
        made = np.zeros((tiles.shape[1], max(TILE, self.height), max(TILE, self.width)), np.float32)
        if self.blend:
            self._fade(made, tiles)
        else:
            self._lay(made, tiles)
        return made[:, : self.height, : self.width]

    def _fade(self, made: Floats, tiles: Floats) -> None:
        weights, fade = np.zeros(made.shape[1:], np.float32), _fading(self.overlap)
        for tile, (top, left) in zip(tiles, self._corners(), strict=True):
            place = np.s_[top : top + TILE, left : left + TILE]
            made[:, *place] += tile * fade
            weights[place] += fade
        made /= weights

    def _lay(self, made: Floats, tiles: Floats) -> None:
        strips = [list(_strips(self._starts(side), side)) for side in (self.height, self.width)]
        places = ((row, column) for row in strips[0] for column in strips[1])
        for tile, ((top, rows), (left, columns)) in zip(tiles, places, strict=True):
            made[:, rows, columns] = tile[
                :, rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
            ]

    def _corners(self) -> list[tuple[int, int]]:
        return [(top, left) for top in self._starts(self.height) for left in self._starts(self.width)]

    def _starts(self, side: int) -> list[int]:
        """Where tiles begin along a side."""
        last = max(0, side - TILE)
        tiles = 1 + math.ceil(last / (TILE - self.overlap))
        return [round(place) for place in np.linspace(0, last, tiles)]


def _strips(starts: list[int], side: int) -> Iterator[tuple[int, slice]]:
    """Where each tile begins, and the pixels along the side that are taken from it."""
    ends = [(end + TILE) // 2 for end in map(sum, pairwise(starts))]
    for start, (begin, end) in zip(starts, pairwise([0, *ends, max(TILE, side)]), strict=True):
        yield start, slice(begin, end)


@cache
def _fading(overlap: int) -> Floats:
    """What each pixel of a tile weighs: less towards the edge, never nothing."""
    inwards = np.minimum(np.arange(1, TILE + 1), np.arange(TILE, 0, -1))
    ramp = np.minimum(inwards / max(1, overlap), 1.0).astype(np.float32)
    found: Floats = ramp[:, None] * ramp
    return found
