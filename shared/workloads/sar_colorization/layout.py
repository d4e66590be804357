"""The names in a dataset in; its pairs of radar and optical images, and the files that have no place, out.

The layout is `[v_2/]TERRAIN/{s1,s2}/NAME.png`; the optical image of `agri/s1/ROI_s1_8_p3.png` is
`agri/s2/ROI_s2_8_p3.png`, and both are of scene 8.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from .setaside import SetAside

TILE = 256
"""Pixels on each side of what the networks see at once; larger images are cut into such tiles."""

ELSEWHERE = "not laid out as TERRAIN/s1/NAME_s1_8_p3.png"
ALONE = "without the other image of their pair"

_NAME = re.compile(r"(?P<before>.+)_s(?P<sensor>[12])_(?P<scene>\d+)(?P<after>(_.+)?\.(png|PNG))")


@dataclass(frozen=True, slots=True)
class Pair:
    """A radar and an optical image of the same ground, by their names in the dataset.

    `scene` names the large image that both were cut from.
    """

    name: str
    terrain: str
    scene: str
    sar: str
    optical: str


def is_named(name: str) -> bool:
    """Whether a file's name says what it is of, wherever it lies."""
    return _NAME.fullmatch(PurePosixPath(name).name) is not None


def find_pairs(names: Iterable[str], aside: SetAside) -> list[Pair]:
    """All pairs in an order of their own; files without a place or without the other image of their pair go `aside`."""
    places = {name: _place(name) for name in names}
    aside.add(ELSEWHERE, (name for name, place in places.items() if place is None))
    aside.add(ALONE, (name for name, place in places.items() if place and place.other not in places))
    pairs = [
        Pair(PurePosixPath(name).name, place.terrain, place.scene, name, place.other)
        for name, place in places.items()
        if place and place.sensor == "1" and place.other in places
    ]
    return sorted(pairs, key=lambda pair: (pair.terrain, pair.name, PurePosixPath(pair.sar)))


@dataclass(frozen=True, slots=True)
class _Place:
    """What a file's name and folders say; `other` is the name of the image that belongs to it."""

    sensor: str
    terrain: str
    scene: str
    other: str


def _place(name: str) -> _Place | None:
    *above, terrain, folder, last = ("", "", *PurePosixPath(name).parts)
    found = _NAME.fullmatch(last)
    if not found or not terrain or folder != f"s{found['sensor']}":
        return None
    other = "2" if found["sensor"] == "1" else "1"
    path = PurePosixPath(*above, terrain, f"s{other}", f"{found['before']}_s{other}_{found['scene']}{found['after']}")
    return _Place(found["sensor"], terrain, f"{found['before']}_{found['scene']}", str(path))
