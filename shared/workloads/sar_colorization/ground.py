"""A kind of terrain and a random generator in; what covers each pixel of an invented tile, and its relief, out."""

from collections.abc import Callable, Mapping
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.Image import Resampling

from .layout import TILE

Floats = npt.NDArray[np.float32]
Cover = npt.NDArray[np.uint8]
Random = np.random.Generator


class Material(IntEnum):
    """What the ground is made of."""

    WATER, SOIL, STUBBLE, CROP, GRASS, TREE, ROAD, ROOF, ROCK = range(9)


_FIELDS = np.array(
    [Material.SOIL, Material.STUBBLE, Material.STUBBLE, Material.CROP, Material.CROP, Material.GRASS], np.uint8
)


def ground(terrain: str, random: Random) -> tuple[Cover, Floats]:
    """The material (256, 256) and the height (256, 256), in pixels, of a tile of one of `TERRAINS`."""
    relief = smooth(random, 4) + 0.3 * smooth(random, 12)
    cover = TERRAINS[terrain](random, relief)
    steep = 14.0 if terrain == "barrenland" else 2.0
    return cover, relief * np.float32(steep)


def smooth(random: Random, cells: int) -> Floats:
    """Noise (256, 256) about zero that changes over a tile as often as `cells` says; its deviation is about one."""
    coarse = Image.fromarray(random.standard_normal((cells + 2, cells + 2)).astype(np.float32))
    noise: Floats = np.array(coarse.resize((TILE, TILE), Resampling.BICUBIC))
    noise -= noise.mean()
    noise /= noise.std()
    return noise


def _agriculture(random: Random, relief: Floats) -> Cover:
    """Fields between tracks, each with one crop."""
    along, across = _turned(random)
    places = [_parcels(random, axis, 12, 44) for axis in (along, across)]
    crops = random.choice(_FIELDS, (TILE, TILE))
    cover: Cover = crops[places[0][0], places[1][0]]
    cover[places[0][1] | places[1][1]] = Material.ROAD
    cover[smooth(random, 24) > 1.7] = Material.TREE
    cover[relief < -2.3] = Material.WATER
    return cover


def _barren(random: Random, relief: Floats) -> Cover:
    """Soil, bare rock on the heights, some grass below."""
    cover = np.full((TILE, TILE), Material.SOIL, np.uint8)
    cover[(relief < -0.9) & (smooth(random, 16) > 0.2)] = Material.GRASS
    cover[relief + 0.4 * smooth(random, 20) > 1.0] = Material.ROCK
    return cover


def _grass(random: Random, relief: Floats) -> Cover:
    """Grass with woods, worn places and ponds."""
    cover = np.full((TILE, TILE), Material.GRASS, np.uint8)
    cover[smooth(random, 10) < -1.2] = Material.SOIL
    cover[smooth(random, 8) + 0.4 * smooth(random, 40) > 0.8] = Material.TREE
    cover[relief < -1.7] = Material.WATER
    return cover


def _urban(random: Random, relief: Floats) -> Cover:  # noqa: ARG001
    """Streets, houses of several sizes between them, and gardens."""
    along, across = _turned(random)
    (_, streets), (_, lanes) = (_parcels(random, axis, 18, 40) for axis in (along, across))
    cell = int(random.integers(7, 12))
    rows, columns = (np.floor(axis / cell).astype(np.intp) % TILE for axis in (along, across))
    inside = (along % cell < cell * 0.75) & (across % cell < cell * 0.7)
    built = random.random((TILE, TILE))[rows, columns] + 0.25 * smooth(random, 5)
    gardens = random.choice(np.array([Material.SOIL, Material.GRASS, Material.TREE], np.uint8), (TILE, TILE))
    cover: Cover = np.where(inside & (built > 0.4), np.uint8(Material.ROOF), gardens[rows, columns])
    cover[streets | lanes] = Material.ROAD
    return cover


def _turned(random: Random) -> tuple[Floats, Floats]:
    """The coordinates of every pixel along two axes that are turned by any angle."""
    angle = random.uniform(0, np.pi)
    y, x = np.mgrid[:TILE, :TILE].astype(np.float32) - TILE / 2
    return (x * np.cos(angle) + y * np.sin(angle)).astype(np.float32), (y * np.cos(angle) - x * np.sin(angle)).astype(
        np.float32
    )


def _parcels(random: Random, axis: Floats, least: int, most: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """In which strip each pixel lies, strips being `least` to `most` wide, and whether it is on the way between two."""
    edges = np.cumsum(random.integers(least, most, TILE)) - 2 * TILE
    strip = np.searchsorted(edges, axis).astype(np.intp)
    way = np.abs(edges[np.minimum(strip, TILE - 1)] - axis) < 1.2
    return strip, way


TERRAINS: Mapping[str, Callable[[Random, Floats], Cover]] = {
    "agri": _agriculture,
    "barrenland": _barren,
    "grassland": _grass,
    "urban": _urban,
}
