"""How all classifiers learn: down the cross entropy, held against a tenth of the examples that they do not see."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import fields
from math import cos, pi
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.optim import AdamW, Optimizer

from headrace.learning import Batch, Learner, Networks, Update
from headrace.workload import BadData

Rows = npt.NDArray[np.int64]

Design = TypeVar("Design")

_BATCH = 256
_ENOUGH = 100


class Classifier(Learner):
    """Learns from nine examples in ten, which lie in the order of a hash.

    Where the tenth is large enough to tell, the epoch that suits it best is kept, else the last.
    """

    def __init__(self, labels: Rows, learning_rate: float, weight_decay: float) -> None:
        held_out = np.arange(len(labels)) % 10 == 0
        self.learned, self.held_out = np.flatnonzero(~held_out), np.flatnonzero(held_out)
        self.size = len(self.learned)
        if len(self.held_out) >= _ENOUGH:
            self.monitor = ("validation_loss", "lower")
        self._labels = torch.from_numpy(labels)
        self._learning_rate, self._weight_decay = learning_rate, weight_decay

    @abstractmethod
    def inputs(self, rows: Rows, random: np.random.Generator | None = None) -> Tensor:
        """What the network is given for some of the examples, augmented where there is a generator."""

    def optimizers(self, networks: Networks) -> Mapping[str, Optimizer]:
        """Adam with decoupled weight decay."""
        weights = networks["network"].parameters()
        return {"adam": AdamW(weights, self._learning_rate, weight_decay=self._weight_decay)}

    def load(self, rows: Rows, random: np.random.Generator) -> Batch:
        """Inputs and classes."""
        return self.inputs(self.learned[rows], random), self._labels[self.learned[rows]]

    def step(self, networks: Networks, batch: Batch, update: Update) -> Mapping[str, Tensor]:
        """Down the cross entropy."""
        inputs, labels = batch
        loss = cross_entropy(networks["network"](inputs), labels)
        update("adam", loss)
        return {"loss": loss}

    def evaluate(self, networks: Networks) -> Mapping[str, float]:
        """On the examples held out."""
        parts = np.array_split(self.held_out, -(-len(self.held_out) // _BATCH))
        logits = torch.cat([networks["network"](self.inputs(part)).float().cpu() for part in parts])
        labels = self._labels[self.held_out]
        accuracy = (logits.argmax(1) == labels).float().mean()
        return {"validation_loss": float(cross_entropy(logits, labels)), "validation_accuracy": float(accuracy)}

    def rate(self, done: float) -> float:
        """Down to nothing along half a cosine."""
        return (1 + cos(pi * done)) / 2


def designed(kind: type[Design], params: Mapping[str, Any]) -> Design:
    """The dataclass `kind` of a candidate's own parameters. Raises BadData for a parameter that it has not."""
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    if unknown := [name for name in params if name not in known]:
        raise BadData(f"{unknown[0]!r} is no parameter of a candidate; its own are {', '.join(known)}")
    return kind(**params)
