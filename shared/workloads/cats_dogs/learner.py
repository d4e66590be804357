"""Decoded pictures and settings in; what the training loop asks of a classifier, out."""

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.optim import AdamW, Optimizer

from headrace.images import grid
from headrace.learning import Batch, Learner, Networks, Update
from headrace.learning.learner import Rows

from .augmentation import augment
from .cache import Cache
from .metrics import scores
from .network import Classifier
from .settings import Settings

NAME = "classifier"

_BATCH = 256
_SHOWN = 8


class PetLearner(Learner):
    """Trains a `Classifier`; every so-manieth picture, in order of content, is only looked at.

    With `keeps_best` the epoch with the least loss on those is the one that is kept.
    """

    def __init__(self, pictures: Cache, settings: Settings, keeps_best: bool = False) -> None:
        held_out = np.zeros(len(pictures), np.bool_)
        if settings.validation:
            held_out[:: round(1 / settings.validation)] = True
        self._pictures, self._settings = pictures, settings
        self._rows, self._held_out = np.flatnonzero(~held_out), np.flatnonzero(held_out)
        self.size = len(self._rows)
        if keeps_best and len(self._held_out):
            self.monitor = ("validation_log_loss", "lower")

    def networks(self) -> Networks:
        """A new classifier."""
        return {NAME: Classifier(self._settings.width, self._settings.dropout)}

    def optimizers(self, networks: Networks) -> Mapping[str, Optimizer]:
        """Weight decay pulls at the convolutions, not at offsets and normalisation."""
        decayed = [weight for weight in networks[NAME].parameters() if weight.ndim > 1]
        others = [weight for weight in networks[NAME].parameters() if weight.ndim == 1]
        groups = [
            {"params": decayed, "weight_decay": self._settings.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        return {NAME: AdamW(groups, self._settings.learning_rate)}

    def load(self, rows: Rows, random: np.random.Generator) -> Batch:
        """Pictures uint8 (n, 3, s, s) and classes (n,)."""
        chosen = self._rows[rows]
        pictures = augment(self._pictures.pixels[chosen], random, self._settings.augmentation)
        return pictures, torch.from_numpy(self._pictures.labels[chosen])

    def step(self, networks: Networks, batch: Batch, update: Update) -> Mapping[str, Tensor]:
        """Cross entropy with smoothed labels; the accuracy is that on augmented pictures."""
        pictures, labels = batch
        found = networks[NAME](pictures)
        loss = functional.cross_entropy(found, labels, label_smoothing=self._settings.smoothing)
        update(NAME, loss)
        return {"loss": loss, "accuracy": (found.argmax(1) == labels).float().mean()}

    def evaluate(self, networks: Networks) -> Mapping[str, float]:
        """The scores of the pictures that are only looked at."""
        if not len(self._held_out):
            return {}
        parts = np.array_split(self._held_out, -(-len(self._held_out) // _BATCH))
        found = torch.cat([networks[NAME](self._tensor(rows)).float().softmax(1).cpu() for rows in parts])
        truth = self._pictures.labels[self._held_out].astype(np.bool_)
        values = scores(found[:, 1].numpy().astype(np.float64), truth)
        return {f"validation_{name}": value for name, value in values.items() if not math.isnan(value)}

    def rate(self, done: float) -> float:
        """Up along a line, down along a cosine."""
        warmup = self._settings.warmup
        if done < warmup:
            return max(done / warmup, 0.01)
        return (1 + math.cos(math.pi * (done - warmup) / (1 - warmup))) / 2

    def pictures(self, networks: Networks, epoch: int) -> Mapping[str, bytes]:
        """Once, what augmentation makes of a few pictures: each below its original."""
        if epoch or not self.size:
            return {}
        rows = np.arange(min(_SHOWN, self.size))
        augmented, _ = self.load(rows, np.random.default_rng(0))
        originals = self._pictures.pixels[self._rows[rows]]
        return {"augmented.png": grid([list(originals), list(augmented.permute(0, 2, 3, 1).numpy())])}

    def _tensor(self, rows: Rows) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(self._pictures.pixels[rows].transpose(0, 3, 1, 2)))
