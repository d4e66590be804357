"""A text file in GloVe's format and words in; the vectors of those that it has, out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from headrace.workload import BadData


@dataclass(frozen=True, slots=True)
class Vectors:
    """`values` (f, d) float32 are the vectors of the words at `places` (f,) in the list that was asked for."""

    places: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]


def read_vectors(path: Path, words: Sequence[str]) -> Vectors:
    """The vectors of `words`, read line by line. Raises BadData when the file has none of them."""
    if not path.is_file():
        raise BadData(f"glove is {path}, and there is no such file; name one in GloVe's text format, or leave it out")
    wanted = {word: place for place, word in enumerate(words)}
    found: dict[int, npt.NDArray[np.float32]] = {}
    size = 0
    with path.open(encoding="utf-8", errors="replace", newline="\n") as lines:
        for line in lines:
            # The commonest file has words with spaces in them, so vectors are counted from the end of the line.
            size = size or _size(line)
            word, *values = line.rstrip("\n").rsplit(" ", size) if size else [""]
            place = wanted.get(word)
            if place is not None and len(values) == size:
                found.setdefault(place, _vector(path, word, values))
    if not found:
        raise BadData(f"none of the {len(words):,} words is in {path.name}; is it a text file in GloVe's format?")
    places = sorted(found)
    return Vectors(np.array(places, np.int64), np.stack([found[place] for place in places]))


def _size(line: str) -> int:
    """How many numbers a vector has; 0 for the line of two counts that word2vec puts first."""
    numbers = line.split(" ")[1:]
    return len(numbers) if len(numbers) > 1 else 0


def _vector(path: Path, word: str, values: list[str]) -> npt.NDArray[np.float32]:
    try:
        return np.array(values, np.float32)
    except ValueError:
        raise BadData(
            f"the vector of {word!r} in {path.name} is not made of numbers; download the file again"
        ) from None
