"""Class folders of pictures, or archives of them, in; pixels, split into two folders of arrays, out; and read again."""

import lzma
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload
from zipfile import BadZipFile, ZipFile, ZipInfo

import numpy as np

from headrace.images import Pixels
from headrace.workload import BadData, Instance, Prepared

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


def prepare(dataset: Path, folder: Path) -> Prepared:
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


def _labelled(dataset: Path, aside: dict[str, list[str]]) -> Iterator[tuple[int, int, Pixels]]:
    """A hash of each picture, its class and its pixels."""
    for path, data in _files(dataset):
        named = class_of(path)
        if named is None:
            aside.setdefault("in no folder of a class", []).append(path)
            continue
        try:
            pixels = squared(data, path)
        except BadData:
            aside.setdefault("damaged or no pictures", []).append(path)
        else:
            yield key(pixels.tobytes()), CLASSES.index(named), pixels


def _files(dataset: Path) -> Iterator[tuple[str, bytes]]:
    """The path and the bytes of every file, those in archives too."""
    for path in sorted(path for path in dataset.rglob("*") if path.is_file()):
        if path.suffix.lower() != ARCHIVE:
            yield path.relative_to(dataset).as_posix(), path.read_bytes()
            continue
        try:
            with ZipFile(path) as archive:
                for member in archive.infolist():
                    if not member.is_dir() and not member.filename.startswith("__MACOSX"):
                        yield member.filename, _unpacked(archive, member)
        except BadZipFile as error:
            raise BadData(f"{path.name} cannot be unpacked ({error}); zip the folders again") from None


def _unpacked(archive: ZipFile, member: ZipInfo) -> bytes:
    """Nothing where the member is damaged, locked or too large."""
    if member.file_size > _MOST_BYTES or member.flag_bits & 1:
        return b""
    try:
        return archive.read(member)
    except _DAMAGES:
        return b""
