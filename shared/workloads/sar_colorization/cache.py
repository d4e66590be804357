"""Tiles of radar and optical images in; arrays on disk that are read as they are needed, out."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np
import numpy.typing as npt

from .layout import TILE

Bytes = npt.NDArray[np.uint8]

_SHAPES: Mapping[str, tuple[int, ...]] = {"sar": (TILE, TILE), "optical": (TILE, TILE, 3)}


@dataclass(frozen=True, slots=True)
class Tiles:
    """`sar` (n, 256, 256) and `optical` (n, 256, 256, 3) of the same ground, and the names of their terrain (n,)."""

    sar: Bytes
    optical: Bytes
    terrain: npt.NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.sar)

    def __getitem__(self, rows: slice | npt.NDArray[np.intp]) -> Self:
        return type(self)(self.sar[rows], self.optical[rows], self.terrain[rows])


def read_tiles(folder: Path) -> Tiles:
    """The tiles in `folder`; their pixels stay on disk until they are looked at."""
    sar, optical = (np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _SHAPES)
    return Tiles(sar, optical, np.load(folder / "terrain.npy", allow_pickle=False))


class TileWriter:
    """Writes tiles to a folder one by one, however many there will be; the arrays are whole when it is closed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._terrain: list[str] = []
        self._open = ExitStack()
        self._files = {name: self._open.enter_context((folder / f"{name}.npy").open("wb")) for name in _SHAPES}

    def __enter__(self) -> Self:
        self._write_headers()
        return self

    def __exit__(self, *_: object) -> None:
        with self._open:
            self._write_headers()
            np.save(self._folder / "terrain.npy", np.array(self._terrain, np.str_))

    def __len__(self) -> int:
        return len(self._terrain)

    def add(self, terrain: str, pairs: Iterable[tuple[Bytes, Bytes]]) -> None:
        """Radar and optical tiles of one terrain."""
        for images in pairs:
            for file, image in zip(self._files.values(), images, strict=True):
                file.write(np.ascontiguousarray(image).data)
            self._terrain.append(terrain)

    def _write_headers(self) -> None:
        """NumPy leaves room for the first axis to grow, so the second header fits where the first was."""
        for name, file in self._files.items():
            _write_header(file, (len(self), *_SHAPES[name]))


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    file.seek(0)
    described = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, described)
