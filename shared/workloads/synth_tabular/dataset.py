"""A split of a table as arrays on disk, in; the same arrays, mapped rather than read, out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int64]
_NAMES, _FEATURES, _LABELS = "table.json", "features.npy", "labels.npy"


@dataclass(frozen=True, slots=True)
class Rows:
    """Numbers `x` (n, features), NaN where one is missing, and classes `y` (n,) as places in `classes`."""

    x: Floats
    y: Codes
    features: tuple[str, ...]
    classes: tuple[str, ...]

    @classmethod
    def create(cls, folder: Path, rows: int, features: Sequence[str], classes: Sequence[str]) -> Self:
        """Arrays to be filled, on disk from the start."""
        folder.mkdir(parents=True)
        (folder / _NAMES).write_text(json.dumps({"features": [*features], "classes": [*classes]}), "utf-8")
        x = np.lib.format.open_memmap(folder / _FEATURES, "w+", np.float32, (rows, len(features)))
        y = np.lib.format.open_memmap(folder / _LABELS, "w+", np.int64, (rows,))
        return cls(np.asarray(x), np.asarray(y), tuple(features), tuple(classes))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The arrays in `folder`; nothing that is done to them changes the files."""
        names = json.loads((folder / _NAMES).read_text("utf-8"))
        x, y = (np.asarray(np.load(folder / file, mmap_mode="c")) for file in (_FEATURES, _LABELS))
        return cls(x, y, tuple(names["features"]), tuple(names["classes"]))
