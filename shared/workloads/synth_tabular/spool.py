"""Blocks of rows in any order in; the same rows in the order of a hash of their content, out.

What was read is sorted on disk, in parts that fit in memory one at a time: as many as are good for a large table, for
how large it is shows only when its last file has arrived.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from headrace.workload import BadData

from .blocks import MOST_CLASSES, Block
from .dataset import Floats

TEST_SHARE = 0.2
_EDGE = np.uint64(int(TEST_SHARE * 2**64))
PARTS = 256

Keys = npt.NDArray[np.uint64]
Records = npt.NDArray[np.void]
"""Rows with the fields `key`, `code` (of the class, in the order in which classes appeared) and `x`."""


class Spool:
    """A context in which rows are added, then read. Rows whose key is below a bound are the test split's."""

    def __init__(self, folder: Path, features: int) -> None:
        self.codes: dict[str, int] = {}
        self.unlabelled = 0
        self.counts = (Counter[int](), Counter[int]())
        """Rows of each class in the train and in the test split."""
        self._type = np.dtype([("key", np.uint64), ("code", np.int32), ("x", np.float32, (features,))])
        self._paths = [folder / f"part-{number}" for number in range(PARTS)]
        self._files: list[Any] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._files = [self._stack.enter_context(path.open("wb")) for path in self._paths]
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, block: Block) -> None:
        """Keep the rows that have a class."""
        codes = self._known(block.names)
        labelled = block.codes >= 0
        records = np.empty(int(labelled.sum()), self._type)
        self.unlabelled += len(labelled) - len(records)
        records["x"], records["code"] = block.x[labelled], codes[block.codes[labelled]]
        records["key"] = keys(block.x[labelled], _seeds(block.names)[block.codes[labelled]])
        for split, mine in enumerate((~is_test(records["key"]), is_test(records["key"]))):
            self.counts[split].update(records["code"][mine].tolist())
        for file, part in zip(self._files, _parted(records, len(self._files)), strict=True):
            file.write(part.tobytes())

    def read(self) -> Iterator[Records]:
        """All rows, part by part, sorted by key; nothing can be added any more."""
        self._stack.close()
        for path in self._paths:
            records = np.fromfile(path, self._type)
            yield records[np.argsort(records["key"], kind="stable")]

    def _known(self, names: Sequence[str]) -> npt.NDArray[np.int32]:
        for name in names:
            self.codes.setdefault(name, len(self.codes))
        if len(self.codes) > MOST_CLASSES:
            raise BadData(f"the files have more than {MOST_CLASSES:,} classes together; are these names of classes?")
        return np.array([self.codes[name] for name in names], np.int32)


def keys(x: Floats, seeds: Keys) -> Keys:
    """A hash (n,) of each row of `x` (n, features) and of its class; equal rows have equal keys."""
    found = seeds.copy()
    bits = np.ascontiguousarray(np.where(np.isnan(x), np.float32(np.nan), x)).view(np.uint32)
    for column in bits.T:
        found = _mixed(found ^ column.astype(np.uint64))
    return found


def _parted(records: Records, count: int) -> list[Records]:
    """The rows by the range that their key is in, of `count` such ranges."""
    parts = (((records["key"] >> np.uint64(32)) * np.uint64(count)) >> np.uint64(32)).astype(np.uint16)
    order = np.argsort(parts, kind="stable")
    return np.split(records[order], np.cumsum(np.bincount(parts, minlength=count))[:-1])


def is_test(found: Keys) -> npt.NDArray[np.bool_]:
    """Which of the keys are the test split's."""
    return found < _EDGE


def _seeds(names: Sequence[str]) -> Keys:
    digests = [blake2b(name.encode(), digest_size=8).digest() for name in names]
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def _mixed(found: Keys) -> Keys:
    """SplitMix64's step: every bit of the input changes half of the output's. (Vigna, 2015)"""
    found = found + np.uint64(0x9E3779B97F4A7C15)
    found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return found ^ (found >> np.uint64(31))
