"""Folders or ZIPs of pictures in; a convolutional network, trained and exported to ONNX, out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, cast

import numpy as np
import torch

from headrace.learning import Recipe, export_onnx, fit, run_network
from headrace.workload import Arrays, Dataset, Native, Prepared, Run, Training

from . import cache, figures, notes
from .codec import Encoding
from .curves import Floats, Truth
from .learner import NAME, PetLearner
from .network import Answering
from .picture import SIDE
from .reading import Collection, Found
from .settings import Settings
from .split import divided, unique

OUTPUTS = ("probabilities",)


@dataclass(frozen=True, slots=True)
class Model:
    """A trained network that answers with probabilities, and an example of what it is given."""

    network: Answering
    example: Arrays


class _Training:
    def prepare(self, dataset: Dataset, folder: Path) -> Prepared:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as spool:
            collection = Collection(spool)
            collection.read(dataset)
            split = divided(unique(collection))
            _write(folder / "train", collection, split.train)
            _write(folder / "test", collection, split.test)
        return Prepared(len(split.train), len(split.test), notes.about(collection, split))

    def train(self, folder: Path, params: Mapping[str, Any], run: Run) -> Model:
        recipe, own = Recipe.of(params)
        pictures = cache.read(folder)
        learner = PetLearner(pictures, Settings.of(own), keeps_best=recipe.patience is not None)
        fitted = fit(learner, recipe, run)
        example = np.ascontiguousarray(pictures.pixels[:2].transpose(0, 3, 1, 2))
        return Model(Answering(fitted.networks[NAME]).eval(), {"image": example})

    def predict(self, model: Model, inputs: Arrays) -> Arrays:
        return run_network(model.network, inputs, OUTPUTS)

    def export(self, model: Model, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        export_onnx(model.network, model.example, OUTPUTS, folder / "model.onnx")
        Encoding(side=SIDE).write(folder)

    def keep(self, model: Model, folder: Path) -> Native:
        torch.save(model.network.state_dict(), folder / "weights.pt")
        return Native("pytorch", model.network, model.example)

    def figures(self, outcomes: Arrays) -> Mapping[str, bytes]:
        return figures.draw(cast(Floats, outcomes["p"]), cast(Truth, outcomes["y"]))


def _write(folder: Path, collection: Collection, pictures: Sequence[Found]) -> None:
    labels = np.array([one.label for one in pictures], np.int64)
    sizes = np.array([one.size for one in pictures], np.int32)
    cache.write(folder, (collection.pixels(one) for one in pictures), labels, sizes)


training: Training = _Training()
