"""The words that a model knows, and the beginnings that they share, in; the tokens of a text out."""

import json
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from .tokenizer import words

LONGEST = 400
"""Words of a text that are read; what comes after them is not."""

PADDING, UNKNOWN, FIRST = 0, 1, 2
"""Tokens: what fills a row up, any word that is not known, and the commonest word."""

_BEGINNING = 4
_FILE = "vocabulary.json"


class Vocabulary:
    """Numbers words, commonest first, then beginnings: what a word that is not known starts with says something of it.

    A beginning is the first four letters of two words or more.
    """

    def __init__(self, known: Sequence[str]) -> None:
        self.words = tuple(known)
        shared = Counter(start for word in known if (start := _start(word)))
        self._numbers = {word: number for number, word in enumerate(self.words, FIRST)}
        kept = sorted(start for start, times in shared.items() if times > 1)
        self._beginnings = {start: number for number, start in enumerate(kept, FIRST + len(self.words))}

    def __len__(self) -> int:
        """How many tokens there are, padding and the unknown word among them."""
        return FIRST + len(self._numbers) + len(self._beginnings)

    def token(self, word: str) -> int:
        """The word's number, else that of its beginning, else UNKNOWN."""
        return self._numbers.get(word) or self._beginning(word) or UNKNOWN

    def beginnings(self) -> npt.NDArray[np.int64]:
        """For each token (vocabulary,) that of its word's beginning, or PADDING."""
        found = np.full(len(self), PADDING, np.int64)
        found[FIRST : FIRST + len(self.words)] = [self._beginning(word) for word in self.words]
        return found

    def tokens(self, text: str) -> list[int]:
        """The tokens of `text`, `LONGEST` at most; none when there is no word in it."""
        return [self.token(word) for word in islice(words(text), LONGEST)]

    def unknown(self, text: str) -> float:
        """The share of the words of `text` that are read and not known, whatever they begin with."""
        found = [*islice(words(text), LONGEST)]
        return sum(word not in self._numbers for word in found) / max(len(found), 1)

    def write(self, folder: Path) -> None:
        """Write the words to `folder`."""
        (folder / _FILE).write_text(json.dumps(self.words, ensure_ascii=False), "utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The vocabulary that was written to `folder`."""
        return cls(json.loads((folder / _FILE).read_text("utf-8")))

    def _beginning(self, word: str) -> int:
        start = _start(word)
        return self._beginnings.get(start, PADDING) if start else PADDING


def _start(word: str) -> str | None:
    return word[:_BEGINNING] if len(word) >= _BEGINNING and word.isalpha() else None
