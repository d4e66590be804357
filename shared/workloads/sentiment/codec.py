"""Texts in; a graph's tokens out, and its probabilities back to labels: all as one export's files say."""

import json
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from headrace.workload import Arrays, BadData, Field, Instance

from .ragged import Ragged
from .tokenizer import MOST_CHARACTERS, words
from .vocabulary import LONGEST, PADDING, Vocabulary

FIELD = "text"
_FILE = "classes.json"
_SHOWN = 60


class TextCodec:
    """Texts to `tokens` int64 (n, longest) and `probabilities` (n, 2) to answers."""

    def __init__(self, vocabulary: Vocabulary, classes: Sequence[str]) -> None:
        self._vocabulary, self._classes = vocabulary, tuple(classes)
        self.fields = (Field(FIELD, "text", f"read to its word {LONGEST}"),)

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        """The tokens of `instances`. Raises BadData naming the row (when there are many) and what is wrong with it."""
        rows = []
        for place, instance in enumerate(instances):
            try:
                rows.append(self._tokens(instance))
            except BadData as error:
                raise BadData(f"row {place}: {error}" if len(instances) > 1 else str(error)) from None
        return {"tokens": Ragged.of(rows, np.int64).padded(np.arange(len(rows)), PADDING)}

    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        """One `{"label": …, "probability": p}` a text, the probability being the label's.

        The answer for a text that was not read to its end says after how many words: `"read_words": 400`.
        """
        probabilities = outputs["probabilities"]
        chosen = probabilities.argmax(axis=1)
        answers: list[dict[str, Any]] = [
            {"label": self._classes[place], "probability": p}
            for place, p in zip(chosen.tolist(), probabilities.max(axis=1).tolist(), strict=True)
        ]
        for answer, instance in zip(answers, instances, strict=True):
            if _is_cut(instance[FIELD]):
                answer["read_words"] = LONGEST
        return answers

    def describe(self, instances: Sequence[Instance]) -> Arrays:
        """The share of each text's words that the vocabulary lacks, as far as it is read."""
        shares = [self._vocabulary.unknown(str(instance.get(FIELD, ""))) for instance in instances]
        return {"unknown_words": np.array(shares, np.float64)}

    def write(self, folder: Path) -> None:
        """Write to `folder` what `read` needs."""
        self._vocabulary.write(folder)
        (folder / _FILE).write_text(json.dumps(self._classes), "utf-8")

    @classmethod
    def read(cls, folder: Path) -> "TextCodec":
        """The codec that was written to `folder`."""
        return cls(Vocabulary.read(folder), json.loads((folder / _FILE).read_text("utf-8")))

    def _tokens(self, instance: Instance) -> list[int]:
        tokens = self._vocabulary.tokens(_text(instance))
        if not tokens:
            raise BadData("the text is empty: there is no word or sign in it; send some")
        return tokens


def _text(instance: Instance) -> str:
    if not isinstance(instance, Mapping) or FIELD not in instance:
        raise BadData(f'{_shown(instance)} has no text; send an object such as {{"text": "well worth seeing"}}')
    for name in instance:
        if name != FIELD:
            raise BadData(f"{_shown(name)} is no field of this model, which reads {FIELD!r} alone; leave it out")
    text = instance[FIELD]
    if not isinstance(text, str):
        raise BadData(f"the text is {_shown(text)}; send a string")
    return text


def _is_cut(text: str) -> bool:
    """A word has a character or more, so most texts need not be read again to know."""
    if len(text) <= LONGEST:
        return False
    return len(text) > MOST_CHARACTERS or next(islice(words(text), LONGEST, None), None) is not None


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"
