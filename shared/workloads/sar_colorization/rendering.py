"""The ground of a tile in; the image that a radar, and the one that a camera would take of it, out."""

from dataclasses import dataclass

import numpy as np

from headrace.images import Pixels
from headrace.images.backscatter import DARKEST

from .ground import Cover, Floats, Material, Random, smooth

_COLOURS = {
    Material.WATER: (32, 66, 78),
    Material.SOIL: (198, 160, 116),
    Material.STUBBLE: (222, 196, 138),
    Material.CROP: (74, 128, 54),
    Material.GRASS: (146, 154, 84),
    Material.TREE: (42, 84, 44),
    Material.ROAD: (158, 152, 146),
    Material.ROOF: (212, 190, 174),
    Material.ROCK: (148, 122, 104),
}
_ECHOES = {
    Material.WATER: -22.0,
    Material.SOIL: -15.0,
    Material.STUBBLE: -12.5,
    Material.CROP: -9.5,
    Material.GRASS: -13.0,
    Material.TREE: -7.0,
    Material.ROAD: -18.5,
    Material.ROOF: -3.0,
    Material.ROCK: -8.5,
}
"""Backscatter in decibels at C band: calm water mirrors the beam away, walls send it straight back."""

_GRAIN = 9.0
_LOOKS = 4.4
"""Of Sentinel-1's ground range product: speckle is gamma noise of so many looks."""

_FACING = 5.0


@dataclass(frozen=True, slots=True)
class Season:
    """What all tiles of one scene share: the light and its tint, and how wet the ground is, in decibels."""

    light: float
    tint: Floats
    wetness: float

    @classmethod
    def of(cls, random: Random) -> "Season":
        """Any season."""
        tint = random.normal(1.0, 0.02, 3).astype(np.float32)
        return cls(random.uniform(0.92, 1.06), tint, random.uniform(-1.0, 1.0))


def optical(cover: Cover, height: Floats, season: Season, random: Random) -> Pixels:
    """The colours (256, 256, 3): of each material, shaded by the sun in the north-west, with the material's grain."""
    colours = np.array([_COLOURS[material] for material in Material], np.float32)[cover]
    rows, columns = np.gradient(height)
    shade = season.light * (1.0 - 0.12 * (rows + columns) / np.hypot(1.0, np.hypot(rows, columns)))
    grain = _GRAIN * (0.6 * random.standard_normal(cover.shape) + 0.8 * smooth(random, 30))
    return _eight_bits((colours + grain[:, :, None]) * shade[:, :, None] * season.tint)


def radar(cover: Cover, height: Floats, season: Season, random: Random) -> Pixels:
    """The echo (256, 256) of a beam from the left: slopes that face it are bright, and all of it is speckled."""
    echo = np.array([_ECHOES[material] for material in Material], np.float32)[cover]
    wet = season.wetness * np.isin(cover, (Material.SOIL, Material.STUBBLE, Material.GRASS, Material.CROP))
    speckle = 10 * np.log10(random.gamma(_LOOKS, 1 / _LOOKS, cover.shape))
    decibels = echo + wet + _FACING * np.gradient(height, axis=1) + speckle
    return _eight_bits(255 * (1 - decibels / DARKEST))


def _eight_bits(image: Floats) -> Pixels:
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)
