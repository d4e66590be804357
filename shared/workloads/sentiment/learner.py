"""Tokens and labels in; a classifier in the making, as the training loop wants it, out."""

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.optim import AdamW, Optimizer

from headrace.learning import Batch, Learner, Networks, Update

from .glove import Vectors
from .network import Classifier
from .ragged import Ragged
from .settings import Settings
from .vocabulary import FIRST, PADDING, UNKNOWN

Rows = npt.NDArray[np.int64]

_JUDGED_AT_ONCE = 256
_STEADY = 0.3
"""The share of the steps in which the learning rate stays what it is; then it falls to nothing."""


class SentimentLearner(Learner):
    """Learns from most texts; the others say which epoch was best."""

    monitor = ("validation_loss", "lower")

    def __init__(
        self,
        tokens: Ragged,
        labels: npt.NDArray[np.int8],
        beginnings: Rows,
        settings: Settings,
        vectors: Vectors | None,
    ) -> None:
        self._tokens, self._labels, self._beginnings = tokens, labels.astype(np.int64), beginnings
        self._settings, self._vectors = settings, vectors
        every = np.arange(len(tokens))
        held = _spaced(every, settings.validation)
        self._rows, self._held = every[~held], every[held]
        self.size, self.lengths = len(self._rows), tokens.lengths[self._rows]

    def networks(self) -> Networks:
        """One classifier."""
        settings, vectors = self._settings, self._vectors
        size = settings.embedding if vectors is None else vectors.values.shape[1]
        classifier = Classifier(self._beginnings, size, settings.hidden, settings.dropout)
        if vectors is not None:
            with torch.no_grad():
                classifier.embedding.weight[vectors.places + FIRST] = torch.from_numpy(vectors.values)
        return {"classifier": classifier}

    def optimizers(self, networks: Networks) -> Mapping[str, Optimizer]:
        """Adam with decoupled weight decay."""
        settings = self._settings
        weights = networks["classifier"].parameters()
        rate, decay = settings.learning_rate, settings.weight_decay
        return {"classifier": AdamW(weights, rate, weight_decay=decay, fused=True)}

    def load(self, rows: Rows, random: np.random.Generator) -> Batch:
        """Tokens (n, longest of these) with some words hidden, and labels (n,)."""
        rows = self._rows[rows]
        tokens = self._hidden(self._tokens.padded(rows, PADDING), random)
        return torch.from_numpy(tokens), torch.from_numpy(self._labels[rows])

    def step(self, networks: Networks, batch: Batch, update: Update) -> Mapping[str, Tensor]:
        """One step of cross-entropy."""
        tokens, labels = batch
        loss = cross_entropy(networks["classifier"](tokens), labels)
        update("classifier", loss)
        return {"loss": loss}

    def evaluate(self, networks: Networks) -> Mapping[str, float]:
        """Cross-entropy and accuracy on the texts that are held out."""
        loss, right = 0.0, 0
        for tokens, labels in self._judged():
            logits = networks["classifier"](tokens).float().cpu()
            loss += float(cross_entropy(logits, labels, reduction="sum"))
            right += int((logits.argmax(1) == labels).sum())
        return {"validation_loss": loss / len(self._held), "validation_accuracy": right / len(self._held)}

    def rate(self, done: float) -> float:
        """Steady, then falling in a straight line."""
        return min(1.0, (1 - done) / (1 - _STEADY))

    def _hidden(self, tokens: npt.NDArray[np.int64], random: np.random.Generator) -> npt.NDArray[np.int64]:
        chance, drawn = self._settings.word_dropout, random.random(tokens.shape, np.float32)
        beginnings = self._beginnings[tokens]
        left = np.where((drawn < 1.5 * chance) & (beginnings != PADDING), beginnings, tokens)
        return np.where((drawn < chance) & (tokens != PADDING), UNKNOWN, left)

    def _judged(self) -> Iterator[tuple[Tensor, Tensor]]:
        held = self._held[np.argsort(self._tokens.lengths[self._held], kind="stable")]
        for start in range(0, len(held), _JUDGED_AT_ONCE):
            rows = held[start : start + _JUDGED_AT_ONCE]
            yield torch.from_numpy(self._tokens.padded(rows, PADDING)), torch.from_numpy(self._labels[rows])


def _spaced(rows: Rows, share: float) -> npt.NDArray[np.bool_]:
    """Evenly spaced rows: texts lie in the order of a hash, so these are as good as drawn."""
    marks: npt.NDArray[np.bool_] = np.floor((rows + 1) * share) > np.floor(rows * share)
    return marks
