"""Tokens in; class probabilities out: the mean of word vectors with a layer above it, and what feeds it.

Change this for another network. A candidate in workload.yaml may have the parameters of `Design` here, and those of
`headrace.learning.Recipe`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from headrace.learning import Networks

from .codec import FIRST, PADDING, padded
from .learner import Classifier, Rows


@dataclass(frozen=True, slots=True)
class Design:
    """A candidate's own parameters."""

    width: int = 64
    dropout: float = 0.3
    learning_rate: float = 0.003
    weight_decay: float = 0.01


class Network(nn.Module):
    """Tokens (n, words) to logits (n, classes), whatever the padding."""

    def __init__(self, design: Design, words: int, classes: int) -> None:
        super().__init__()
        self.words = nn.Embedding(FIRST + words, design.width, PADDING)
        self.layers = nn.Sequential(
            nn.Dropout(design.dropout),
            nn.Linear(design.width, design.width),
            nn.ReLU(),
            nn.Dropout(design.dropout),
            nn.Linear(design.width, classes),
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits, which are no probabilities yet."""
        present = (tokens != PADDING).unsqueeze(2).float()
        mean = (self.words(tokens) * present).sum(1) / present.sum(1)
        logits: Tensor = self.layers(mean)
        return logits


class TextLearner(Classifier):
    """Learns from lists of tokens in memory."""

    def __init__(self, tokens: Sequence[list[int]], labels: Rows, words: int, classes: int, design: Design) -> None:
        super().__init__(labels, design.learning_rate, design.weight_decay)
        self.lengths = np.array([len(tokens[row]) for row in self.learned.tolist()])
        self._tokens, self._words, self._classes, self._design = tokens, words, classes, design

    def networks(self) -> Networks:
        """One."""
        return {"network": Network(self._design, self._words, self._classes)}

    def inputs(self, rows: Rows, random: np.random.Generator | None = None) -> Tensor:
        """Tokens as they are, padded."""
        return torch.from_numpy(padded([self._tokens[row] for row in rows.tolist()]))
