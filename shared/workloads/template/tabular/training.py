"""CSVs in; a trained classifier of their rows, exported to ONNX, out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from headrace.learning import Recipe, export_onnx, fit, run_network
from headrace.workload import Arrays, Dataset, Instance, Native, Prepared, Run, Training

from . import classes
from .codec import RowCodec, category
from .dataset import prepare, read
from .learner import designed
from .model import Design, RowLearner
from .schema import CATEGORIES, CLASSES, NUMBERS

_OUTPUTS = ("probabilities",)
_LEAST_SEEN, _MOST_KNOWN = 5, 200
"""A category's values that were seen less often are not known apart, nor are those beyond so many."""


@dataclass(frozen=True, slots=True)
class Model:
    """A network with its softmax, the codec that feeds it, and two examples of its input."""

    network: nn.Module
    codec: RowCodec
    example: Arrays


class _Training:
    def prepare(self, dataset: Dataset, folder: Path) -> Prepared:
        return prepare(dataset, folder)

    def train(self, folder: Path, params: Mapping[str, Any], run: Run) -> Model:
        recipe, own = Recipe.of(params)
        rows, labels = read(folder)
        codec = RowCodec(NUMBERS, {name: _places(rows, name) for name in CATEGORIES}, CLASSES)
        features = np.asarray(codec.encode(rows)["features"], np.float32)
        sizes = [len(known) for known in codec.categories.values()]
        learner = RowLearner(features, labels, sizes, len(CLASSES), designed(Design, own))
        network = fit(learner, recipe, run).networks["network"]
        return Model(nn.Sequential(network, nn.Softmax(1)).eval(), codec, {"features": features[:2]})

    def predict(self, model: Model, inputs: Arrays) -> Arrays:
        return run_network(model.network, inputs, _OUTPUTS)

    def export(self, model: Model, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        export_onnx(model.network, model.example, _OUTPUTS, folder / "model.onnx")
        model.codec.write(folder)

    def keep(self, model: Model, folder: Path) -> Native:
        torch.save(model.network.state_dict(), folder / "weights.pt")
        return Native("pytorch", model.network, model.example)

    def figures(self, outcomes: Arrays) -> Mapping[str, bytes]:
        return {"confusion.csv": classes.confusion(outcomes)}


def _places(rows: Sequence[Instance], name: str) -> dict[str, int]:
    """The values of a category that are common enough to learn from, the most common first, numbered."""
    counts = Counter(category(row, name) for row in rows)
    common = sorted((-count, value) for value, count in counts.items() if value and count >= _LEAST_SEEN)
    return {value: place for place, (_, value) in enumerate(common[:_MOST_KNOWN])}


training: Training = _Training()
