"""A pair of files in; their tiles, or the reason why they teach nothing, out."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from headrace.images import Pixels, grey, opened, rgb
from headrace.workload import BadData, Dataset

from .layout import TILE, Pair

UNREADABLE = "images that cannot be decoded"
UNEQUAL = "pairs whose images differ in size"
SMALL = f"pairs smaller than {TILE}×{TILE} pixels"
EMPTY = "pairs of which one image has the same value everywhere"
COPY = "pairs whose radar image is the optical one in grey"

LIKENESS = 0.95
"""The correlation from which a radar image is a copy; that of true ones, which measure roughness, is about a half."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a pair: its pixels and a digest that is the same for the same pixels, or a `fault`."""

    pair: Pair
    sar: Pixels
    optical: Pixels
    digest: bytes
    fault: str | None = None

    def tiles(self) -> Iterator[tuple[Pixels, Pixels]]:
        """Radar and optical tiles that do not overlap; what is left at the right and at the bottom is not used."""
        height, width = self.sar.shape
        for top in range(0, height - TILE + 1, TILE):
            for left in range(0, width - TILE + 1, TILE):
                place = np.s_[top : top + TILE, left : left + TILE]
                yield self.sar[place], self.optical[place]


def check(dataset: Dataset, pair: Pair) -> Checked:
    """Decode both images, once they have arrived, and look at them."""
    encoded = [dataset.path(name).read_bytes() for name in (pair.sar, pair.optical)]
    try:
        sar, optical = grey(opened(encoded[0])), rgb(opened(encoded[1]))
    except BadData:
        nothing = np.zeros((0, 0), np.uint8)
        return Checked(pair, nothing, nothing, b"", UNREADABLE)
    digest = sha256(sar.tobytes() + optical.tobytes()).digest()
    return Checked(pair, sar, optical, digest, _fault(sar, optical))


def _fault(sar: Pixels, optical: Pixels) -> str | None:
    if sar.shape != optical.shape[:2]:
        return UNEQUAL
    if min(sar.shape) < TILE:
        return SMALL
    if np.ptp(sar) == 0 or np.ptp(optical) == 0:
        return EMPTY
    return COPY if _likeness(sar, optical) >= LIKENESS else None


def _likeness(sar: Pixels, optical: Pixels) -> float:
    """How well a mix of the optical channels, whatever it is, explains the radar image: their correlation."""
    echo = sar.ravel().astype(np.float32)
    colours = optical.reshape(-1, 3).astype(np.float32)
    echo -= echo.mean()
    colours -= colours.mean(0)
    mix = np.linalg.lstsq(colours, echo)[0]
    return float(np.sqrt(np.square(colours @ mix).sum() / np.square(echo).sum()))
