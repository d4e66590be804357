"""Class folders of pictures, or archives of them, in; pixels, split into two folders of arrays, out; and read again."""

import lzma
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path, PurePosixPath
from typing import overload
from zipfile import BadZipFile, ZipFile, ZipInfo

import numpy as np

from headrace.images import Pixels
from headrace.workload import BadData, Dataset, Instance, Prepared

from .classes import Labels, key, tested
from .codec import instance, squared
from .intake import ARCHIVE, class_of
from .schema import CLASSES

_SHOWN = 3
_MOST_BYTES = 64 << 20
_DAMAGES = (BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)


class Pictures(Sequence[Instance]):
    """Pixels (n, side, side, 3) as a client would send them, each made when it is asked for."""

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels

    def __len__(self) -> int:
        return len(self._pixels)

    @overload
    def __getitem__(self, place: int) -> Instance: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Instance]: ...

    def __getitem__(self, place: int | slice) -> Instance | Sequence[Instance]:
        chosen = self._pixels[place]
        return Pictures(chosen) if isinstance(place, slice) else instance(chosen)


def prepare(dataset: Dataset, folder: Path) -> Prepared:
    """Write `folder/train` and `folder/test`."""
    aside: dict[str, list[str]] = {}
    found = sorted(_labelled(dataset, aside), key=lambda one: one[:2])
    labels = np.array([label for _, label, _ in found], np.int64)
    notes = [f"files set aside, {why} ({len(names):,}): {', '.join(names[:_SHOWN])}" for why, names in aside.items()]
    test = tested([hashed for hashed, _, _ in found], labels, notes)
    for part, chosen in (("train", ~test), ("test", test)):
        (folder / part).mkdir(parents=True)
        np.save(folder / part / "pixels.npy", [found[place][2] for place in np.flatnonzero(chosen)])
        np.save(folder / part / "labels.npy", labels[chosen])
    return Prepared(int((~test).sum()), int(test.sum()), notes)


def read(folder: Path) -> tuple[Pixels, Labels]:
    """The pixels (n, SIDE, SIDE, 3) in a folder that `prepare` wrote, and the class of each picture."""
    return np.load(folder / "pixels.npy", "r"), np.load(folder / "labels.npy")


def _labelled(dataset: Dataset, aside: dict[str, list[str]]) -> Iterator[tuple[int, int, Pixels]]:
    """A hash of each picture, its class and its pixels: decoded on all cores, in order, as files arrive."""
    from headrace.learning.loading import Loader  # with PyTorch, which serving does without

    with ExitStack() as archives, closing(Loader(_decoded, os.cpu_count() or 1)) as loader:
        for path, named, pixels in loader.each(_files(dataset, archives)):
            if named is None:
                aside.setdefault("in no folder of a class", []).append(path)
            elif pixels is None:
                aside.setdefault("damaged or no pictures", []).append(path)
            else:
                yield key(pixels.tobytes()), CLASSES.index(named), pixels


def _decoded(file: tuple[str, Callable[[], bytes]]) -> tuple[str, str | None, Pixels | None]:
    """A file's path, its class and its pixels, as far as it has them."""
    path, read = file
    named = class_of(path)
    try:
        return path, named, squared(read(), path) if named else None
    except BadData:
        return path, named, None


def _files(dataset: Dataset, archives: ExitStack) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The path of every file, those in archives too, and how to read it once it has arrived."""
    for name in dataset.names:
        if not name.lower().endswith(ARCHIVE):
            yield name, partial(_read, dataset, name)
            continue
        try:
            archive = archives.enter_context(ZipFile(dataset.path(name)))
        except BadZipFile as error:
            raise BadData(f"{PurePosixPath(name).name} cannot be unpacked ({error}); zip the folders again") from None
        for member in archive.infolist():
            if not member.is_dir() and not member.filename.startswith("__MACOSX"):
                yield member.filename, partial(_unpacked, archive, member)


def _read(dataset: Dataset, name: str) -> bytes:
    return dataset.path(name).read_bytes()


def _unpacked(archive: ZipFile, member: ZipInfo) -> bytes:
    """Nothing where the member is damaged, locked or too large."""
    if member.file_size > _MOST_BYTES or member.flag_bits & 1:
        return b""
    try:
        return archive.read(member)
    except _DAMAGES:
        return b""
