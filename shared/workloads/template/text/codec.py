"""Texts as JSON in; numbers for their words, and the network's probabilities as answers, out."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from headrace.workload import Arrays, BadData, Field, Instance

from .classes import answers

FIELD = "text"
"""In JSON, whatever the column of a CSV is called."""

MOST_CHARACTERS = 20_000
"""Of a text; what comes after them is neither read nor kept."""

PADDING, UNKNOWN, FIRST = 0, 1, 2

_FILE = "codec.json"
_WORD = re.compile(r"\w+(?:'\w+)?|[^\w\s]")
_MOST_WORDS = 400


@dataclass(frozen=True, slots=True)
class TextCodec:
    """Texts to `tokens` int64 (n, words of the longest): the number in `vocabulary` of each word, from FIRST on."""

    vocabulary: Mapping[str, int]
    classes: tuple[str, ...]

    @classmethod
    def read(cls, export: Path) -> Self:
        """The codec that was written to `export`."""
        stored = json.loads((export / _FILE).read_text("utf-8"))
        return cls(stored["vocabulary"], tuple(stored["classes"]))

    def write(self, export: Path) -> None:
        """Write the codec to `export`."""
        (export / _FILE).write_text(json.dumps(asdict(self)), "utf-8")

    @property
    def fields(self) -> Sequence[Field]:
        """The text."""
        return [Field(FIELD, "text", f"read to its word {_MOST_WORDS}")]

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        """The tokens. Raises BadData naming the row and what is wrong with it."""
        return {"tokens": padded(self.tokens(instances))}

    def tokens(self, instances: Sequence[Instance]) -> list[list[int]]:
        """Those of each text."""
        found = []
        for row, instance in enumerate(instances):
            try:
                found.append([self.vocabulary.get(word, UNKNOWN) for word in words(_text(instance))])
            except BadData as error:
                raise BadData(f"row {row}: {error}") from None
        return found

    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        """What each text is, and how likely it is each class."""
        return answers(outputs["probabilities"], self.classes)

    def describe(self, instances: Sequence[Instance]) -> Arrays:
        """The share of each text's words that the vocabulary lacks."""
        found = [words(instance[FIELD]) for instance in instances]
        unknown = [sum(word not in self.vocabulary for word in each) / max(len(each), 1) for each in found]
        return {"unknown_words": np.array(unknown, np.float64)}


def words(text: str) -> list[str]:
    """The first words and signs of a text, in lower case."""
    return _WORD.findall(text[:MOST_CHARACTERS].lower())[:_MOST_WORDS]


def padded(tokens: Sequence[Sequence[int]]) -> npt.NDArray[np.int64]:
    """Lists of tokens as one array (n, the longest)."""
    array = np.full((len(tokens), max(map(len, tokens), default=1)), PADDING, np.int64)
    for row, found in zip(array, tokens, strict=True):
        row[: len(found)] = found
    return array


def _text(instance: Instance) -> str:
    text = instance.get(FIELD) if isinstance(instance, Mapping) and len(instance) == 1 else None
    if not isinstance(text, str):
        raise BadData(f'{str(instance)[:60]!r} is not a text; send an object such as {{"{FIELD}": "…"}}')
    if not words(text):
        raise BadData(f"{FIELD} is {text[:60]!r}, without a word; send a sentence")
    return text
