"""Tokens in; which of two classes their text is of, out: two recurrent readers, one in each direction."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from .vocabulary import PADDING

_SPREAD = 0.1
"""The standard deviation of what embeddings start from."""


class Classifier(nn.Module):
    """Tokens (n, length), padded at the end, to logits (n, 2). Padding never changes an answer.

    A token means its own vector and that of its beginning, which `beginnings` (vocabulary,) holds the tokens of.
    """

    beginnings: Tensor

    def __init__(self, beginnings: npt.NDArray[np.int64], embedding: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.register_buffer("beginnings", torch.from_numpy(beginnings))
        self.embedding = nn.Embedding(len(beginnings), embedding, PADDING)
        nn.init.normal_(self.embedding.weight, std=_SPREAD)
        with torch.no_grad():
            self.embedding.weight[PADDING] = 0
        self.forwards = nn.GRU(embedding, hidden, batch_first=True)
        self.backwards = nn.GRU(embedding, hidden, batch_first=True)
        self.embedding_dropout = nn.Dropout1d(dropout)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(4 * hidden, 2)

    def forward(self, tokens: Tensor) -> Tensor:
        """The logits."""
        read = tokens != PADDING
        places = torch.arange(tokens.shape[1], device=tokens.device)
        last = read.sum(1, keepdim=True) - 1
        # Each text is turned round by itself, so that both readers meet its padding last and it is cut off below.
        turned = tokens.gather(1, torch.where(read, last - places, places))
        states = torch.cat([self.forwards(self._meant(tokens))[0], self.backwards(self._meant(turned))[0]], 2)
        logits: Tensor = self.head(self.dropout(_pooled(states, read.unsqueeze(2))))
        return logits

    def _meant(self, tokens: Tensor) -> Tensor:
        """The vectors (n, length, embedding) of the tokens; in training a text lacks the same components throughout."""
        meant = self.embedding(tokens) + self.embedding(self.beginnings[tokens])
        kept: Tensor = self.embedding_dropout(meant.transpose(1, 2)).transpose(1, 2)
        return kept


class Answer(nn.Module):
    """A classifier's logits as probabilities (n, 2)."""

    def __init__(self, classifier: nn.Module) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, tokens: Tensor) -> Tensor:
        """The probabilities."""
        probabilities: Tensor = self.classifier(tokens).softmax(1)
        return probabilities


def _pooled(states: Tensor, read: Tensor) -> Tensor:
    """The greatest and the mean of each state (n, length, h) over what was read (n, length, 1); states exceed -1."""
    greatest = states.masked_fill(~read, -1.0).amax(1)
    mean = (states * read).sum(1) / read.sum(1).clamp(min=1)
    return torch.cat([greatest, mean], 1)
