"""Pictures in; a trained classifier of them, exported to ONNX, out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from headrace.learning import Recipe, export_onnx, fit, run_network
from headrace.workload import Arrays, Dataset, Native, Prepared, Run, Training

from . import classes
from .codec import PictureCodec
from .dataset import prepare, read
from .learner import designed
from .model import Design, PictureLearner
from .schema import CLASSES, SIDE

_OUTPUTS = ("probabilities",)


@dataclass(frozen=True, slots=True)
class Model:
    """A network with its softmax, the codec that feeds it, and two examples of its input."""

    network: nn.Module
    codec: PictureCodec
    example: Arrays


class _Training:
    def prepare(self, dataset: Dataset, folder: Path) -> Prepared:
        return prepare(dataset, folder)

    def train(self, folder: Path, params: Mapping[str, Any], run: Run) -> Model:
        recipe, own = Recipe.of(params)
        pixels, labels = read(folder)
        learner = PictureLearner(pixels, labels, len(CLASSES), designed(Design, own))
        network = fit(learner, recipe, run).networks["network"]
        codec = PictureCodec(SIDE, CLASSES)
        return Model(nn.Sequential(network, nn.Softmax(1)).eval(), codec, {"pixels": pixels[:2]})

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


training: Training = _Training()
