"""Tables in; a multi-layer perceptron, trained and exported to ONNX with its scaling, out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from headrace.learning import Recipe, export_onnx, fit, run_network
from headrace.workload import Arrays, Dataset, Native, Prepared, Run, Training

from . import figures, notes, preparing
from .codec import TableCodec
from .dataset import Rows
from .learner import NAME, TableLearner
from .network import Classifier, Labelled, Scaler
from .scaling import read_scaling
from .settings import Settings

OUTPUTS = ("probabilities", "classes")


@dataclass(frozen=True, slots=True)
class Model:
    """A trained classifier, and the names of its columns and classes."""

    classifier: Classifier
    features: tuple[str, ...]
    classes: tuple[str, ...]

    @property
    def network(self) -> Labelled:
        """As it is exported."""
        return Labelled(self.classifier, self.classes).eval()

    @property
    def example(self) -> Arrays:
        """A row of zeros and one with nothing."""
        return {"features": np.stack([np.full(len(self.features), value, np.float32) for value in (0.0, np.nan)])}


class _Training:
    def prepare(self, dataset: Dataset, folder: Path) -> Prepared:
        found = preparing.prepare(dataset, folder)
        return Prepared(len(found.train.y), len(found.test.y), notes.about(found))

    def train(self, folder: Path, params: Mapping[str, Any], run: Run) -> Model:
        recipe, own = Recipe.of(params)
        rows, scaler = Rows.read(folder), Scaler(*read_scaling(folder))
        fitted = fit(TableLearner(rows, scaler, Settings.of(own)), recipe, run)
        return Model(Classifier(scaler, fitted.networks[NAME]).eval(), rows.features, rows.classes)

    def predict(self, model: Model, inputs: Arrays) -> Arrays:
        return run_network(model.network, inputs, OUTPUTS)

    def export(self, model: Model, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        export_onnx(model.network, model.example, OUTPUTS, folder / "model.onnx")
        TableCodec(model.features, model.classes).write(folder)

    def keep(self, model: Model, folder: Path) -> Native:
        torch.save(model.classifier.state_dict(), folder / "weights.pt")
        return Native("pytorch", model.classifier, model.example)

    def figures(self, outcomes: Arrays) -> Mapping[str, bytes]:
        return figures.draw(outcomes)


training: Training = _Training()
