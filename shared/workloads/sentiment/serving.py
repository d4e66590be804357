"""An exported model's answers, its scores on labelled texts, and the columns watched for drift."""

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any, cast

import numpy as np

from headrace.workload import Arrays, BadData, Codec, Examples, Instance, Serving

from .characters import columns
from .codec import FIELD, TextCodec
from .labelled import Labelled, as_sent
from .labels import NEGATIVE, NEUTRAL, POSITIVE, meaning
from .metrics import Floats, Truth, scores
from .tokenizer import MOST_CHARACTERS

_LENGTHS = {"1 to 5 words": 5, "6 to 12 words": 12, "13 to 25 words": 25, "26 to 60 words": 60}
_LONGER = "more than 60 words"


class _Serving:
    """NumPy only."""

    def open(self, export: Path) -> Codec:
        return TextCodec.read(export)

    def examples(self, folder: Path) -> Examples:
        split = Labelled.read(folder)
        instances = as_sent(split.texts)
        groups = np.array([_group(str(instance[FIELD])) for instance in instances], object)
        return Examples(instances, split.labels, {"length": groups})

    def outcomes(self, labels: Any, outputs: Arrays) -> Arrays:
        return {"p": outputs["probabilities"][:, 1].astype(np.float64), "y": np.asarray(labels) == 1}

    def metrics(self, outcomes: Arrays) -> dict[str, float]:
        return scores(cast(Floats, outcomes["p"]), cast(Truth, outcomes["y"]))

    def describe(self, instances: Sequence[Instance]) -> Arrays:
        return columns([str(instance.get(FIELD, ""))[:MOST_CHARACTERS] for instance in instances])

    def loggable(self, instances: Sequence[Instance]) -> list[Instance]:
        return [{FIELD: instance[FIELD][:MOST_CHARACTERS]} for instance in instances]

    def truth(self, labels: Sequence[str]) -> Any:
        names = [meaning(label) for label in labels]
        if unknown := set(names) - {NEGATIVE, POSITIVE}:
            raise BadData(f"{min(unknown)!r} is not a text's label; it is one of {NEGATIVE}, {POSITIVE}")
        return np.array([name == POSITIVE for name in names], np.int64)

    def labelled(self, instances: Sequence[Instance], labels: Sequence[str]) -> bytes:
        names = [meaning(label) for label in labels]
        if "" in names or len(set(names) - {NEUTRAL}) > 2:
            raise BadData(f"the labels are {', '.join(sorted(set(labels)))}; name one of two classes for each text")
        table = StringIO()
        writer = csv.writer(table)
        writer.writerow((FIELD, "label"))
        writer.writerows(zip((instance[FIELD] for instance in instances), names, strict=True))
        return table.getvalue().encode("utf-8", "replace")


def _group(text: str) -> str:
    length = len(text.split())
    return next((name for name, most in _LENGTHS.items() if length <= most), _LONGER)


serving: Serving = _Serving()
