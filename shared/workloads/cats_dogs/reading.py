"""A dataset in; its usable pictures, decoded, and what was set aside, by reason, out."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import IO

import numpy as np

from headrace.images import Pixels
from headrace.learning.loading import Loader
from headrace.workload import BadData, Dataset

from .files import File, files
from .labels import PICTURES, Part, place
from .picture import SIDE, Picture, read

_THREADS = min(8, os.cpu_count() or 1)
_BYTES = SIDE * SIDE * 3


@dataclass(frozen=True, slots=True)
class Found:
    """A usable picture: path, class, split folder, the original's width and height, digest, and place in the spool."""

    path: str
    label: int
    part: Part | None
    size: tuple[int, int]
    digest: bytes
    position: int


@dataclass(slots=True)
class Collection:
    """Pictures as they were found, their pixels one after the other in `spool`; paths set aside, by reason."""

    spool: IO[bytes]
    found: list[Found] = field(default_factory=list)
    aside: dict[str, list[str]] = field(default_factory=dict)
    special: Counter[str] = field(default_factory=Counter)

    def read(self, dataset: Dataset) -> None:
        """Add every picture, decoded on several threads as files arrive; only those at work are in memory."""
        with ExitStack() as archives, closing(Loader(_decoded, _THREADS)) as loader:
            for file, picture in loader.each(self._of_a_class(files(dataset, archives))):
                if isinstance(picture, BadData):
                    self.set_aside("unreadable", str(picture).partition(";")[0])
                else:
                    self._add(file.path, picture)

    def pixels(self, one: Found) -> Pixels:
        """The pixels (side, side, 3) of a picture."""
        self.spool.seek(one.position * _BYTES)
        return np.frombuffer(self.spool.read(_BYTES), np.uint8).reshape(SIDE, SIDE, 3)

    def set_aside(self, reason: str, *names: str) -> None:
        """Note files that are not used."""
        self.aside.setdefault(reason, []).extend(names)

    def _of_a_class(self, candidates: Iterator[File]) -> Iterator[File]:
        for file in candidates:
            where = place(file.path)
            if not file.path.lower().endswith(PICTURES):
                self.set_aside("not named as pictures", file.path)
            elif where.contradicts_itself:
                self.set_aside("named for the other class than their folder", file.path)
            elif where.label is None:
                self.set_aside("of neither class by folder or name", file.path)
            else:
                yield file

    def _add(self, path: str, picture: Picture) -> None:
        where, pixels = place(path), picture.pixels.tobytes()
        assert where.label is not None  # noqa: S101  (`_of_a_class` let it through)
        size = (picture.width, picture.height)
        digest = blake2b(repr(size).encode() + pixels, digest_size=16).digest()
        self.found.append(Found(path, where.label, where.part, size, digest, len(self.found)))
        self.spool.write(pixels)
        self.special.update(picture.special)


def _decoded(file: File) -> tuple[File, Picture | BadData]:
    try:
        return file, read(file.read(), file.path)
    except BadData as error:
        return file, error
