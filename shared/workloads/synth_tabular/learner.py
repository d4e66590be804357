"""Rows on disk in; a network that learns their classes out."""

from collections.abc import Mapping
from math import cos, pi
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.optim import AdamW, Optimizer

from headrace.learning import Batch, Learner, Networks, Update

from .dataset import Rows
from .network import Scaler, perceptron
from .settings import Settings

NAME = "mlp"
_LOOK = 8192


class TableLearner(Learner):
    """The last rows are held out: rows lie in the order of a hash, so they are as good as drawn at random."""

    monitor: tuple[str, Literal["higher", "lower"]] | None = ("validation_loss", "lower")

    def __init__(self, rows: Rows, scaler: Scaler, settings: Settings) -> None:
        held_out = max(round(len(rows.y) * settings.validation), 1)
        self.size = len(rows.y) - held_out
        self._x, self._y = torch.from_numpy(rows.x), torch.from_numpy(rows.y)
        self._shape = (len(rows.features), settings.hidden_sizes, len(rows.classes), settings.dropout)
        self._scaler, self._settings = scaler, settings

    def networks(self) -> Networks:
        """Layers on standard scores."""
        return {NAME: perceptron(*self._shape)}

    def optimizers(self, networks: Networks) -> Mapping[str, Optimizer]:
        """AdamW in one call for all weights."""
        settings = self._settings
        weights = networks[NAME].parameters()
        return {NAME: AdamW(weights, settings.learning_rate, weight_decay=settings.weight_decay, fused=True)}

    def load(self, rows: "np.typing.NDArray[np.int64]", random: np.random.Generator) -> Batch:
        """Standard scores, scaled here: rounded to half precision first, large numbers would be all the same."""
        chosen = torch.from_numpy(rows)
        return self._scaler(self._x.index_select(0, chosen)), self._y.index_select(0, chosen)

    def step(self, networks: Networks, batch: Batch, update: Update) -> Mapping[str, Tensor]:
        """Cross-entropy."""
        scores, classes = batch
        loss = cross_entropy(networks[NAME](scores), classes)
        update(NAME, loss)
        return {"loss": loss}

    def rate(self, done: float) -> float:
        """A quarter of a wave, down to a hundredth."""
        return 0.01 + 0.99 * (1 + cos(pi * done)) / 2

    def evaluate(self, networks: Networks) -> Mapping[str, float]:
        """On the rows that were held out."""
        loss, right, total = 0.0, 0, len(self._y) - self.size
        for start in range(self.size, len(self._y), _LOOK):
            logits = networks[NAME](self._scaler(self._x[start : start + _LOOK])).cpu()
            classes = self._y[start : start + _LOOK]
            loss += float(cross_entropy(logits, classes, reduction="sum"))
            right += int((logits.argmax(1) == classes).sum())
        return {"validation_loss": loss / total, "validation_accuracy": right / total}
