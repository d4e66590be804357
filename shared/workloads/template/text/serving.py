"""An exported model's answers, its scores on labelled texts, and the columns watched for drift."""

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from headrace.workload import Arrays, Codec, Examples, Instance, Serving

from . import classes, dataset
from .codec import FIELD, MOST_CHARACTERS, TextCodec, words
from .intake import COLUMNS
from .schema import CLASSES


class _Serving:
    """NumPy only."""

    def open(self, export: Path) -> Codec:
        return TextCodec.read(export)

    def examples(self, folder: Path) -> Examples:
        texts, labels = dataset.read(folder)
        return Examples(texts, labels, {"class": np.array(CLASSES, object)[labels]})

    def outcomes(self, labels: Any, outputs: Arrays) -> Arrays:
        return classes.outcomes(labels, outputs["probabilities"])

    def metrics(self, outcomes: Arrays) -> dict[str, float]:
        return classes.scores(outcomes)

    def describe(self, instances: Sequence[Instance]) -> Arrays:
        found = [words(row[FIELD]) for row in instances]
        return {
            "words": np.array([len(each) for each in found], np.float64),
            "word_length": np.array([sum(map(len, each)) / len(each) for each in found]),
            "different_words": np.array([len(set(each)) / len(each) for each in found]),
        }

    def loggable(self, instances: Sequence[Instance]) -> list[Instance]:
        return [{FIELD: row[FIELD][:MOST_CHARACTERS]} for row in instances]

    def truth(self, labels: Sequence[str]) -> classes.Labels:
        return np.array([CLASSES.index(label) for label in classes.known(labels)], np.int64)

    def labelled(self, instances: Sequence[Instance], labels: Sequence[str]) -> bytes:
        text = StringIO()
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        writer.writerows(zip((row[FIELD] for row in instances), classes.known(labels), strict=True))
        return text.getvalue().encode()


serving: Serving = _Serving()
