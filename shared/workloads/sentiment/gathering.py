"""A dataset of labelled texts in; every text that can be read, tokenized once, in flat arrays out."""

import re
from array import array
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice

import numpy as np
import numpy.typing as npt

from headrace.workload import BadData, Dataset

from .ragged import Ragged
from .reading import Lines, opened
from .tokenizer import words
from .vocabulary import LONGEST

ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz")

_TEST_NAMES = {"dev", "test", "testdata", "eval", "val", "valid", "validation", "heldout"}
_TRAINING_NAMES = {"train", "training"}


@dataclass(frozen=True, slots=True)
class Columns:
    """Texts as arrays with one row each: the text, its tokens, label, digests, and whether its file is a test file."""

    texts: Ragged
    tokens: Ragged
    labels: npt.NDArray[np.int32]
    keys: npt.NDArray[np.uint64]
    spellings: npt.NDArray[np.uint64]
    test: npt.NDArray[np.bool_]


@dataclass(slots=True)
class Gathered:
    """Texts as they are read. A token is a place in `words`, a label one in `names`, both in the order first met."""

    words: dict[str, int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    test_files: list[str] = field(default_factory=list)
    aside: Counter[str] = field(default_factory=Counter)
    _texts: bytearray = field(default_factory=bytearray)
    _tokens: "array[int]" = field(default_factory=lambda: array("i"))
    _ends: "array[int]" = field(default_factory=lambda: array("q", [0, 0]))
    _digests: "array[int]" = field(default_factory=lambda: array("Q"))
    _labels: "array[int]" = field(default_factory=lambda: array("i"))

    def read(self, lines: Lines, test: bool) -> None:
        """Add every text of one file, all of them for the test or none."""
        for text, label in lines:
            found = list(islice(words(text), LONGEST))
            if found:
                self._add(text.encode(), found, self.names.setdefault(label, len(self.names)), test)
            else:
                self.aside["without a word"] += 1
        self.aside.update({f"{reason} in {lines.name}": count for reason, count in lines.bad.items()})

    def columns(self) -> Columns:
        """Everything read so far."""
        ends = np.frombuffer(self._ends, np.int64).reshape(-1, 2)
        digests = np.frombuffer(self._digests, np.uint64).reshape(-1, 2)
        labels = np.frombuffer(self._labels, np.int32).reshape(-1, 2)
        return Columns(
            Ragged(np.frombuffer(self._texts, np.uint8), ends[:, 0]),
            Ragged(np.frombuffer(self._tokens, np.int32), ends[:, 1]),
            labels[:, 0],
            digests[:, 0],
            digests[:, 1],
            labels[:, 1].astype(np.bool_),
        )

    def _add(self, text: bytes, found: list[str], label: int, test: bool) -> None:
        self._texts += text
        self._tokens.extend([self.words.setdefault(word, len(self.words)) for word in found])
        self._ends.extend((len(self._texts), len(self._tokens)))
        self._digests.extend((_digest(" ".join(found).encode()), _digest(text)))
        self._labels.extend((label, test))


def gather(dataset: Dataset) -> Gathered:
    """Every labelled text in the files of `dataset`. Raises BadData when a file cannot be used."""
    names = [name for name in dataset.names if name.lower().endswith(ENDINGS)]
    if not names:
        raise BadData(f"the dataset holds no file that ends in {', '.join(ENDINGS)}; upload one")
    found, tests = Gathered(), [name for name in names if _is_for_test(name)]
    if len(tests) < len(names):
        found.test_files = tests
    for name in names:
        with opened(dataset.path(name)) as lines:
            found.read(lines, test=name in found.test_files)
    return found


def _is_for_test(name: str) -> bool:
    parts = set(re.split(r"[\W_]+", name.lower()))
    return bool(parts & _TEST_NAMES) and not parts & _TRAINING_NAMES


def _digest(text: bytes) -> int:
    return int.from_bytes(blake2b(text, digest_size=8).digest())
