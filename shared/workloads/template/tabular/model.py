"""Features in; class probabilities out: a multilayer perceptron that scales its own inputs, and what feeds it.

Change this for another network. A candidate in workload.yaml may have the parameters of `Design` here, and those of
`headrace.learning.Recipe`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from headrace.learning import Networks

from .learner import Classifier, Rows

Features = npt.NDArray[np.float32]

_FAR = 10.0
"""Standard deviations from the mean beyond which all numbers are alike."""


@dataclass(frozen=True, slots=True)
class Design:
    """A candidate's own parameters."""

    hidden_sizes: Sequence[int] = (64, 64)
    dropout: float = 0.1
    learning_rate: float = 0.002
    weight_decay: float = 0.01


class Network(nn.Module):
    """Features (n, f) to logits (n, classes): numbers are scaled, and marked where missing; categories become one-hot.

    `mean` and `scale` are of the numbers, which come first; `sizes` are those of the categories' vocabularies.
    """

    mean: Tensor
    scale: Tensor
    column: Tensor
    place: Tensor

    def __init__(self, design: Design, mean: Tensor, scale: Tensor, sizes: Sequence[int], classes: int) -> None:
        super().__init__()
        hot = [(column, place) for column, size in enumerate(sizes) for place in range(size)]
        self.register_buffer("mean", mean)
        self.register_buffer("scale", scale)
        self.register_buffer("column", torch.tensor([column for column, _ in hot], dtype=torch.int64))
        self.register_buffer("place", torch.tensor([place for _, place in hot], dtype=torch.float32))
        widths = [2 * len(mean) + len(hot), *design.hidden_sizes]
        layers: list[nn.Module] = []
        for wide, size in pairwise(widths):
            layers += [nn.Linear(wide, size), nn.ReLU(), nn.Dropout(design.dropout)]
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], classes))

    def forward(self, features: Tensor) -> Tensor:
        """Logits, which are no probabilities yet."""
        numbers, places = features[:, : len(self.mean)], features[:, len(self.mean) :]
        missing = numbers.isnan()
        scaled = ((numbers - self.mean) / self.scale).masked_fill(missing, 0).clamp(-_FAR, _FAR)
        one_hot = places[:, self.column] == self.place
        logits: Tensor = self.layers(torch.cat([scaled, missing.float(), one_hot.float()], 1))
        return logits


class RowLearner(Classifier):
    """Learns from features (n, f) in memory; `sizes` are those of the vocabularies."""

    def __init__(self, features: Features, labels: Rows, sizes: Sequence[int], classes: int, design: Design) -> None:
        super().__init__(labels, design.learning_rate, design.weight_decay)
        self._features = torch.from_numpy(features)
        self._sizes, self._classes, self._design = sizes, classes, design

    def networks(self) -> Networks:
        """One, which knows mean and deviation of the numbers it learns from."""
        numbers = self._features[self.learned, : self._features.shape[1] - len(self._sizes)]
        mean = numbers.nanmean(0).nan_to_num()
        deviation = (numbers - mean).square().nanmean(0).sqrt()
        scale = torch.where(deviation > 0, deviation, 1.0)
        return {"network": Network(self._design, mean, scale, self._sizes, self._classes)}

    def inputs(self, rows: Rows, random: np.random.Generator | None = None) -> Tensor:
        """Features as they are."""
        return self._features[rows]
