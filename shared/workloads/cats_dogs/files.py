"""A dataset in; its files and those inside its ZIP archives, each to be read when wanted, out."""

import lzma
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from headrace.workload import BadData, Dataset

MOST_BYTES = 64 << 20
"""No photo is larger; what claims to be is not unpacked."""

MOST_FILES = 500_000
MOST_UNPACKED = 20
"""A ZIP of photos is as large as they are; one that unpacks to so many times its size is a bomb."""

_FREE_BYTES = 256 << 20
_OF_THE_SYSTEM = ("__MACOSX", "Thumbs.db")
_NO_ARCHIVE = (BadZipFile, struct.error, ValueError, NotImplementedError)
_DAMAGES = (*_NO_ARCHIVE, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError)
"""What `zipfile` raises; a locked member is a RuntimeError."""


@dataclass(frozen=True, slots=True)
class File:
    """One file: its path within the dataset, `archive/member` when it lies in a ZIP, and how to read it.

    The path only tells class and split; nothing is ever written to it. `read` waits until the file has arrived, and
    raises BadData for what is damaged.
    """

    path: str
    read: Callable[[], bytes]


def files(dataset: Dataset, open_archives: ExitStack) -> Iterator[File]:
    """Every file of `dataset`, in order; archives are closed by `open_archives`. Raises BadData for bombs."""
    for name in dataset.names:
        if name.lower().endswith(".zip"):
            yield from _members(name[: -len(".zip")], dataset.path(name), open_archives)
        elif not _of_the_system(name):
            yield File(name, partial(_read_file, name, dataset))


def _members(folder: str, path: Path, open_archives: ExitStack) -> Iterator[File]:
    try:
        archive = open_archives.enter_context(ZipFile(path))
    except _NO_ARCHIVE as error:
        raise BadData(f"{path.name} is not a ZIP archive that can be read ({error}); zip the folders again") from None
    members = [member for member in archive.infolist() if not member.is_dir()]
    _refuse_bombs(path, members)
    for member in sorted(members, key=lambda member: member.filename):
        name = "".join(letter if letter.isprintable() else "?" for letter in member.filename).replace("\\", "/")
        if not _of_the_system(name):
            name = f"{folder}/{name}"
            yield File(name, partial(_read_member, name, archive, member))


def _refuse_bombs(path: Path, members: list[ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    if len(members) > MOST_FILES or unpacked > MOST_UNPACKED * path.stat().st_size + _FREE_BYTES:
        raise BadData(
            f"{path.name} would unpack to {len(members):,} files of {unpacked / (1 << 30):,.1f} GiB, which is out of "
            "proportion to its size; zip photos and nothing else"
        )


def _read_file(name: str, dataset: Dataset) -> bytes:
    path = dataset.path(name)
    _check_size(name, path.stat().st_size)
    return path.read_bytes()


def _read_member(name: str, archive: ZipFile, member: ZipInfo) -> bytes:
    _check_size(name, member.file_size)
    try:
        return archive.read(member)
    except _DAMAGES as error:
        raise BadData(f"{name} cannot be unpacked ({error}); zip it again") from None


def _check_size(name: str, size: int) -> None:
    if size > MOST_BYTES:
        raise BadData(f"{name} has more than {MOST_BYTES >> 20} MiB; save it smaller")


def _of_the_system(name: str) -> bool:
    *_, last = parts = name.split("/")
    return last.startswith(".") or any(part in _OF_THE_SYSTEM for part in parts)
