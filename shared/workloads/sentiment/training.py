"""Labelled texts in; a classifier of them, trained and exported to ONNX, out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from headrace.learning import Recipe, export_onnx, fit, run_network
from headrace.workload import Arrays, Dataset, Native, Prepared, Run, Training

from . import figures, notes
from .codec import TextCodec
from .dataset import settle
from .gathering import gather
from .glove import Vectors, read_vectors
from .labelled import Labelled
from .learner import SentimentLearner
from .network import Answer
from .ragged import Ragged
from .settings import Settings
from .vocabulary import Vocabulary

_WORDS = "words.json"
_OUTPUTS = ("probabilities",)
_EXAMPLE = {"tokens": np.array([[2, 3, 4, 5, 1], [3, 1, 2, 0, 0]], np.int64)}


@dataclass(frozen=True, slots=True)
class Model:
    """A trained network, the vocabulary of its tokens, and what its two outputs are called."""

    network: Answer
    vocabulary: Vocabulary
    classes: tuple[str, ...]


class _Training:
    """One architecture; candidates differ in its size, in what it starts from and in how it learns."""

    def prepare(self, dataset: Dataset, folder: Path) -> Prepared:
        gathered = gather(dataset)
        found = settle(gathered)
        found.train.write(folder / "train")
        found.test.write(folder / "test")
        found.tokens.write(folder / "train", "tokens")
        (folder / "train" / _WORDS).write_text(json.dumps(found.words, ensure_ascii=False), "utf-8")
        return Prepared(len(found.train), len(found.test), notes.about(found, gathered.test_files))

    def train(self, folder: Path, params: Mapping[str, Any], run: Run) -> Model:
        recipe, own = Recipe.of(params)
        settings = Settings.of(own)
        split, tokens = Labelled.read(folder), Ragged.read(folder, "tokens")
        words = json.loads((folder / _WORDS).read_text("utf-8"))
        vocabulary = Vocabulary(words[: settings.vocabulary])
        numbers = np.array([vocabulary.token(word) for word in words], np.int32)
        learner = SentimentLearner(
            Ragged(numbers[tokens.values], tokens.offsets),
            split.labels,
            vocabulary.beginnings(),
            settings,
            _vectors(settings, vocabulary, run),
        )
        fitted = fit(learner, recipe, run)
        return Model(Answer(fitted.networks["classifier"]).eval(), vocabulary, split.classes)

    def predict(self, model: Model, inputs: Arrays) -> Arrays:
        return run_network(model.network, inputs, _OUTPUTS)

    def export(self, model: Model, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        export_onnx(model.network, _EXAMPLE, _OUTPUTS, folder / "model.onnx", {"tokens": {1: "length"}})
        TextCodec(model.vocabulary, model.classes).write(folder)

    def keep(self, model: Model, folder: Path) -> Native:
        folder.mkdir(parents=True, exist_ok=True)
        torch.save(model.network.classifier.state_dict(), folder / "weights.pt")
        return Native("pytorch", model.network, _EXAMPLE)

    def figures(self, outcomes: Arrays) -> Mapping[str, bytes]:
        return figures.tables(outcomes)


def _vectors(settings: Settings, vocabulary: Vocabulary, run: Run) -> Vectors | None:
    if settings.glove is None:
        return None
    vectors = read_vectors(settings.glove, vocabulary.words)
    count, size = vectors.values.shape
    run.progress(
        0.0, f"{count:,} of {len(vocabulary.words):,} words start from {settings.glove.name}, {size} numbers each"
    )
    return vectors


training: Training = _Training()
