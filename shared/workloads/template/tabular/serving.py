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
from .schema import CATEGORIES, CLASSES, LABEL, NUMBERS


class _Serving:
    """NumPy only."""

    def open(self, export: Path) -> Codec:
        return RowCodec.read(export)

    def examples(self, folder: Path) -> Examples:
        rows, labels = dataset.read(folder)
        return Examples(rows, labels, {LABEL: np.array(CLASSES, object)[labels]} | _categories(rows))

    def outcomes(self, labels: Any, outputs: Arrays) -> Arrays:
        return classes.outcomes(labels, outputs["probabilities"])

    def metrics(self, outcomes: Arrays) -> dict[str, float]:
        return classes.scores(outcomes)

    def describe(self, instances: Sequence[Instance]) -> Arrays:
        numbers = {name: np.array([number(row, name) for row in instances]) for name in NUMBERS}
        return numbers | _categories(instances)

    def loggable(self, instances: Sequence[Instance]) -> list[Instance]:
        return list(instances)

    def truth(self, labels: Sequence[str]) -> classes.Labels:
        return np.array([CLASSES.index(label) for label in classes.known(labels)], np.int64)

    def labelled(self, instances: Sequence[Instance], labels: Sequence[str]) -> bytes:
        text = StringIO()
        writer = csv.DictWriter(text, COLUMNS)
        writer.writeheader()
        pairs = zip(instances, classes.known(labels), strict=True)
        writer.writerows({**row, LABEL: label} for row, label in pairs)
        return text.getvalue().encode()


def _categories(rows: Sequence[Instance]) -> dict[str, classes.Array]:
    return {name: np.array([category(row, name) or "missing" for row in rows], object) for name in CATEGORIES}


serving: Serving = _Serving()
