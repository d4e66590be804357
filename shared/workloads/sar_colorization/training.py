"""Pairs of radar and optical images in; a CycleGAN, whose generator of optical images is exported to ONNX, out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from headrace.learning import Fitted, Recipe, export_onnx, fit, run_network
from headrace.workload import Arrays, Dataset, Native, Prepared, Run, Training

from . import figures, preparing
from .cache import read_tiles
from .cyclegan import TO_OPTICAL, CycleGan
from .layout import TILE
from .networks import Colouring
from .settings import Settings

_OUTPUTS = ("optical",)
_EXAMPLE = {"sar": np.zeros((2, TILE, TILE), np.uint8)}


@dataclass(frozen=True, slots=True)
class Model:
    """All four networks, and the one that is served."""

    fitted: Fitted
    colouring: nn.Module


class _Training:
    """One model in any size: the candidates differ in their parameters only."""

    def prepare(self, dataset: Dataset, folder: Path) -> Prepared:
        return preparing.prepare(dataset, folder)

    def train(self, folder: Path, params: Mapping[str, Any], run: Run) -> Model:
        recipe, own = Recipe.of(params)
        settings = Settings.of(own)
        learner = CycleGan(read_tiles(folder), settings)
        without = "" if settings.perceptual_weights else "; no perceptual_weights, so the perceptual loss is off"
        run.progress(0.0, f"{learner.size:,} pairs to learn from{without}")
        fitted = fit(learner, recipe, run)
        run.progress(1.0, "trained")
        return Model(fitted, Colouring(fitted.networks[TO_OPTICAL]))

    def predict(self, model: Model, inputs: Arrays) -> Arrays:
        return run_network(model.colouring, inputs, _OUTPUTS)

    def export(self, model: Model, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        export_onnx(model.colouring, _EXAMPLE, _OUTPUTS, folder / "model.onnx")

    def keep(self, model: Model, folder: Path) -> Native:
        torch.save(
            {name: network.state_dict() for name, network in model.fitted.networks.items()}, folder / "weights.pt"
        )
        return Native("pytorch", model.colouring, _EXAMPLE)

    def figures(self, outcomes: Arrays) -> Mapping[str, bytes]:
        return {"pairs.csv": figures.table(outcomes), "psnr_ssim.png": figures.scatter(outcomes)}


training: Training = _Training()
