"""The pictures of one split in; arrays in a folder, and again pictures that are decoded already, out."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from headrace.images import Pixels, as_base64, png
from headrace.instances import Spelled
from headrace.workload import Instance

from .picture import SIDE

Labels = npt.NDArray[np.int64]

_PIXELS, _LABELS, _SIZES = "pixels.npy", "labels.npy", "sizes.npy"


@dataclass(frozen=True, slots=True)
class Cache:
    """Pixels (n, side, side, 3) mapped from the disk, classes (n,), and widths and heights (n, 2) of the originals."""

    pixels: Pixels
    labels: Labels
    sizes: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.labels)


def write(folder: Path, pictures: Iterable[Pixels], labels: Labels, sizes: npt.NDArray[np.int32]) -> None:
    """Write the split to `folder`, one picture at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    shape = (len(labels), SIDE, SIDE, 3)
    pixels = np.lib.format.open_memmap(folder / _PIXELS, "w+", np.uint8, shape)
    for place, picture in enumerate(pictures):
        pixels[place] = picture
    pixels.flush()
    np.save(folder / _LABELS, labels)
    np.save(folder / _SIZES, sizes)


def read(folder: Path) -> Cache:
    """The split in `folder`."""
    return Cache(np.load(folder / _PIXELS, "r"), np.load(folder / _LABELS), np.load(folder / _SIZES))


def as_sent(cache: Cache) -> Spelled:
    """The pictures of a split as clients would send them, each made when it is asked for."""
    return Spelled(len(cache), lambda places: [_sent(cache, place) for place in range(*places.indices(len(cache)))], 1)


def _sent(cache: Cache, place: int) -> Instance:
    width, height = cache.sizes[place].tolist()
    image = as_base64(png(np.asarray(cache.pixels[place]), level=1))
    return {"image": image, "width": width, "height": height}
