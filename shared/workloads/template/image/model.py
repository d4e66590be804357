"""Pixels in; class probabilities out: four convolutions, each on half the resolution of the last, and what feeds them.

Change this for another network. A candidate in workload.yaml may have the parameters of `Design` here, and those of
`headrace.learning.Recipe`.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from headrace.images import Pixels
from headrace.learning import Networks

from .learner import Classifier, Rows


@dataclass(frozen=True, slots=True)
class Design:
    """A candidate's own parameters. Pictures to learn from are mirrored, and moved by so many pixels at most."""

    width: int = 16
    dropout: float = 0.2
    mirror: bool = True
    move: int = 4
    learning_rate: float = 0.001
    weight_decay: float = 0.01


class Network(nn.Module):
    """Pixels (n, side, side, 3), 0 to 255, to logits (n, classes)."""

    def __init__(self, design: Design, classes: int) -> None:
        super().__init__()
        wide, layers = 3, []
        for depth in range(4):
            size = design.width << depth
            layers += [nn.Conv2d(wide, size, 3, padding=1), nn.BatchNorm2d(size), nn.ReLU(), nn.MaxPool2d(2)]
            wide = size
        self.layers = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(design.dropout))
        self.head = nn.Linear(wide, classes)

    def forward(self, pixels: Tensor) -> Tensor:
        """Logits, which are no probabilities yet."""
        logits: Tensor = self.head(self.layers(pixels.permute(0, 3, 1, 2).float() / 127.5 - 1))
        return logits


class PictureLearner(Classifier):
    """Learns from pixels (n, side, side, 3) that may lie on the disk."""

    def __init__(self, pixels: Pixels, labels: Rows, classes: int, design: Design) -> None:
        super().__init__(labels, design.learning_rate, design.weight_decay)
        self._pixels, self._classes, self._design = pixels, classes, design

    def networks(self) -> Networks:
        """One."""
        return {"network": Network(self._design, self._classes)}

    def inputs(self, rows: Rows, random: np.random.Generator | None = None) -> Tensor:
        """Pixels; to learn from, with a chance turned into their mirror image, and moved."""
        pixels = np.array(self._pixels[rows])
        if random is not None:
            for place, picture in enumerate(pixels):
                pixels[place] = self._varied(picture, random)
        return torch.from_numpy(pixels)

    def _varied(self, picture: Pixels, random: np.random.Generator) -> Pixels:
        far, side = self._design.move, len(picture)
        down, right = random.integers(0, 2 * far + 1, 2)
        if self._design.mirror and random.random() < 0.5:
            picture = picture[:, ::-1]
        return np.pad(picture, ((far, far), (far, far), (0, 0)), "edge")[down : down + side, right : right + side]
