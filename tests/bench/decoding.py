"""Generated photos in; how fast libraries decode them, and an epoch over files against one over arrays, out."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

import cv2
import numpy as np
import numpy.typing as npt
import simplejpeg
import torch
from PIL import Image
from rich.console import Console
from rich.table import Table
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from headrace.learning.loading import Loader
from workloads.cats_dogs import cache
from workloads.cats_dogs.animals import animal
from workloads.cats_dogs.augmentation import augment
from workloads.cats_dogs.picture import SIDE, fitted, read

Decode = Callable[[bytes], object]

PICTURES, WIDTH, HEIGHT = 96, 400, 300
FEW = 16
"""A round of decoding is short, so that some are not disturbed by what else the machine does."""

ROUNDS, WORKERS, BATCH, EPOCHS = 25, 2, 16, 20


def main() -> None:
    """Print milliseconds a picture and ratios, all from one run: rounds take turns, and the best of each counts."""
    console = Console()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    console.log(f"generated photos of {WIDTH} × {HEIGHT} …")
    photos = [animal(Random(seed), bool(seed % 2), WIDTH, HEIGHT) for seed in range(PICTURES)]
    for kind in ("JPEG", "PNG"):
        console.print(_decoding(kind, [_saved(photo, kind) for photo in photos[:FEW]]))
    with TemporaryDirectory(prefix="headrace-bench-") as folder:
        console.print(_epochs(Path(folder), photos))


def _decoding(kind: str, files: Sequence[bytes]) -> Table:
    ways: dict[str, Decode] = {"Pillow": _pillow, "OpenCV": _opencv}
    if kind == "JPEG":
        ways["simplejpeg"] = simplejpeg.decode_jpeg
    ways |= {f"{name}, then scaled": _scaled(way) for name, way in ways.items()}
    ways["what prepare does (Pillow at a part of the size, then scaled)"] = lambda data: read(data, "a")
    alone, together = _taken(ways, files, 1), _taken(ways, files, 2)
    table = Table("decoder", "1 thread, ms", "2 threads, ms", "× Pillow", title=f"{kind}, milliseconds a picture")
    for name in ways:
        ratio = alone["Pillow, then scaled" if "scaled" in name else "Pillow"] / alone[name]
        table.add_row(name, f"{alone[name] * 1000:.2f}", f"{together[name] * 1000:.2f}", f"{ratio:.2f}")
    return table


def _taken(ways: dict[str, Decode], files: Sequence[bytes], threads: int) -> dict[str, float]:
    """Seconds a picture."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(ROUNDS):
            for name, way in ways.items():
                began = perf_counter()
                for _ in pool.map(way, files):
                    pass
                seconds[name].append((perf_counter() - began) / len(files))
    return {name: min(each) for name, each in seconds.items()}


def _pillow(data: bytes) -> npt.NDArray[np.uint8]:
    return np.asarray(Image.open(BytesIO(data)).convert("RGB"))


def _opencv(data: bytes) -> object:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)


def _scaled(decode: Decode) -> Decode:
    if decode is _pillow:
        return lambda data: fitted(Image.open(BytesIO(data)), SIDE)
    return lambda data: fitted(Image.fromarray(np.asarray(decode(data))), SIDE)


class _Files(Dataset[Tensor]):
    """The usual way: a file is opened, decoded and scaled whenever it is its turn."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, place: int) -> Tensor:
        with Image.open(self._paths[place]) as image:
            pixels = np.array(image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR))
        return torch.from_numpy(pixels).permute(2, 0, 1)


def _epochs(folder: Path, photos: Sequence[Image.Image]) -> Table:
    paths = [folder / f"{place}.jpg" for place in range(len(photos))]
    for path, photo in zip(paths, photos, strict=True):
        path.write_bytes(_saved(photo, "JPEG"))
    began = perf_counter()
    pixels = [read(path.read_bytes(), path.name).pixels for path in paths]
    cache.write(folder, pixels, np.zeros(len(pixels), np.int64), np.zeros((len(pixels), 2), np.int32))
    once = (perf_counter() - began) / len(paths)
    mapped = cache.read(folder)
    usual = DataLoader(_Files(paths), BATCH, shuffle=True, num_workers=WORKERS, persistent_workers=True)
    ways: dict[str, Callable[[], Iterator[object]]] = {
        f"DataLoader over JPEGs by Pillow, {WORKERS} processes": lambda: iter(usual),
        f"Loader over the cache, {WORKERS} threads": lambda: _cached(mapped, 0.0),
        f"Loader over the cache, {WORKERS} threads, augmented": lambda: _cached(mapped, 1.0),
    }
    seconds = {name: _epoch(way) / len(paths) for name, way in ways.items()}
    first, *_ = seconds.values()
    title = f"an epoch, milliseconds a picture; writing the cache once: {once * 1000:.2f}"
    table = Table("input", "ms", "× DataLoader", title=title)
    for name, taken in seconds.items():
        table.add_row(name, f"{taken * 1000:.3f}", f"{first / taken:.1f}")
    return table


def _epoch(batches: Callable[[], Iterator[object]]) -> float:
    """Seconds; the first epoch, in which processes start, is not counted."""
    taken = []
    for _ in range(1 + EPOCHS):
        began = perf_counter()
        for _ in batches():
            pass
        taken.append(perf_counter() - began)
    return min(taken[1:])


def _cached(pictures: cache.Cache, strength: float) -> Iterator[Tensor]:
    def load(rows: npt.NDArray[np.int64]) -> Tensor:
        return augment(pictures.pixels[rows], np.random.default_rng(rows), strength)

    loader = Loader(load, WORKERS)
    order = np.random.default_rng(0).permutation(len(pictures))
    yield from loader.each(np.split(order, range(BATCH, len(order), BATCH)))
    loader.close()


def _saved(image: Image.Image, kind: str) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, quality=88)
    return stream.getvalue()


if __name__ == "__main__":
    main()
