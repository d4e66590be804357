"""CSVs in; a trained classifier of their texts, exported to ONNX, out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from headrace.learning import Recipe, export_onnx, fit, run_network
from headrace.workload import Arrays, Dataset, Instance, Native, Prepared, Run, Training

from . import classes
from .codec import FIELD, FIRST, TextCodec, words
from .dataset import prepare, read
from .learner import designed
from .model import Design, TextLearner
from .schema import CLASSES

_OUTPUTS = ("probabilities",)
_LEAST_SEEN, _MOST_KNOWN = 2, 30_000
"""Words that were seen less often are not known apart, nor are those beyond so many."""


@dataclass(frozen=True, slots=True)
class Model:
    """A network with its softmax, the codec that feeds it, and two examples of its input."""

    network: nn.Module
    codec: TextCodec
    example: Arrays


class _Training:
    def prepare(self, dataset: Dataset, folder: Path) -> Prepared:
        return prepare(dataset, folder)

    def train(self, folder: Path, params: Mapping[str, Any], run: Run) -> Model:
        recipe, own = Recipe.of(params)
        texts, labels = read(folder)
        codec = TextCodec(_vocabulary(texts), CLASSES)
        tokens, words = codec.tokens(texts), len(codec.vocabulary)
        learner = TextLearner(tokens, labels, words, len(CLASSES), designed(Design, own))
        network = fit(learner, recipe, run).networks["network"]
        return Model(nn.Sequential(network, nn.Softmax(1)).eval(), codec, codec.encode(texts[:2]))

    def predict(self, model: Model, inputs: Arrays) -> Arrays:
        return run_network(model.network, inputs, _OUTPUTS)

    def export(self, model: Model, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        export_onnx(model.network, model.example, _OUTPUTS, folder / "model.onnx", {"tokens": {1: "words"}})
        model.codec.write(folder)

    def keep(self, model: Model, folder: Path) -> Native:
        torch.save(model.network.state_dict(), folder / "weights.pt")
        return Native("pytorch", model.network, model.example)

    def figures(self, outcomes: Arrays) -> Mapping[str, bytes]:
        return {"confusion.csv": classes.confusion(outcomes)}


def _vocabulary(texts: Sequence[Instance]) -> dict[str, int]:
    """The words that are common enough to learn from, the most common first, numbered."""
    counts = Counter(word for text in texts for word in words(text[FIELD]))
    common = sorted((-count, word) for word, count in counts.items() if count >= _LEAST_SEEN)
    return {word: number for number, (_, word) in enumerate(common[:_MOST_KNOWN], FIRST)}


training: Training = _Training()
