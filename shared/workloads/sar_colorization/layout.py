"""A dataset folder in; its pairs of radar and optical images by their names, and the files that have no place, out.

The layout is `[v_2/]TERRAIN/{s1,s2}/NAME.png`; the optical image of `agri/s1/ROI_s1_8_p3.png` is
`agri/s2/ROI_s2_8_p3.png`, and both are of scene 8.
"""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .setaside import SetAside

TILE = 256
"""Pixels on each side of what the networks see at once; larger images are cut into such tiles."""

ELSEWHERE = "not laid out as TERRAIN/s1/NAME_s1_8_p3.png"
ALONE = "without the other image of their pair"

_NAME = re.compile(r"(?P<before>.+)_s(?P<sensor>[12])_(?P<scene>\d+)(?P<after>(_.+)?\.(png|PNG))")


@dataclass(frozen=True, slots=True)
class Pair:
    """A radar and an optical image of the same ground; `scene` names the large image that both were cut from."""

    name: str
    terrain: str
    scene: str
    sar: Path
    optical: Path


def is_named(name: str) -> bool:
    """Whether a file's name says what it is of, wherever it lies."""
    return _NAME.fullmatch(PurePosixPath(name).name) is not None


def find_pairs(dataset: Path, aside: SetAside) -> list[Pair]:
    """All pairs in an order of their own; files without a place or without the other image of their pair go `aside`."""
    files = {path.relative_to(dataset).as_posix(): path for path in dataset.rglob("*") if path.is_file()}
    placed = {name: place for name in files if (place := _place(name))}
    aside.add(ELSEWHERE, (name for name in files if name not in placed))
    aside.add(ALONE, (name for name, place in placed.items() if place.other not in files))
    pairs = [
        Pair(PurePosixPath(name).name, place.terrain, place.scene, files[name], files[place.other])
        for name, place in placed.items()
        if place.sensor == "1" and place.other in files
    ]
    return sorted(pairs, key=lambda pair: (pair.terrain, pair.name, pair.sar))


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
