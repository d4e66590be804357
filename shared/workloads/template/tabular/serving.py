"""An exported model's answers, its scores on labelled rows, and the columns watched for drift."""

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from headrace.workload import Arrays, Codec, Examples, Instance, Serving

from . import classes, dataset
from .codec import RowCodec, category, number
from .intake import COLUMNS
from .schema import CATEGORIES, LABEL, NUMBERS


class _Serving:
    """NumPy only."""

    def open(self, export: Path) -> Codec:
        return RowCodec.read(export)

    def examples(self, folder: Path) -> Examples:
        return Examples(*dataset.read(folder))

    def outcomes(self, labels: Any, outputs: Arrays) -> Arrays:
        return classes.outcomes(labels, outputs["probabilities"])

    def metrics(self, outcomes: Arrays) -> dict[str, float]:
        return classes.scores(outcomes)

    def describe(self, instances: Sequence[Instance]) -> Arrays:
        numbers = {name: np.array([number(row, name) for row in instances]) for name in NUMBERS}
        texts = {name: [category(row, name) or "missing" for row in instances] for name in CATEGORIES}
        return numbers | {name: np.array(column, object) for name, column in texts.items()}

    def loggable(self, instances: Sequence[Instance]) -> list[Instance]:
        return list(instances)

    def labelled(self, instances: Sequence[Instance], labels: Sequence[str]) -> bytes:
        text = StringIO()
        writer = csv.DictWriter(text, COLUMNS)
        writer.writeheader()
        pairs = zip(instances, classes.known(labels), strict=True)
        writer.writerows({**row, LABEL: label} for row, label in pairs)
        return text.getvalue().encode()


serving: Serving = _Serving()
