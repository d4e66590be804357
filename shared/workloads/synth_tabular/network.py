"""Numbers as they are in the data in; the probability of each class, scaling and imputing included, out."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from .classes import identity
from .scaling import Doubles

MOST_DEVIATIONS = 20.0
"""What lies further off counts as this far, so that no number that may be sent makes the network overflow."""


class Scaler(nn.Module):
    """Standard scores (n, features) of numbers (n, features); a missing one, NaN, becomes the mean, which is 0."""

    def __init__(self, mean: Doubles, deviation: Doubles) -> None:
        super().__init__()
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", torch.from_numpy(mean).float())
        self.register_buffer("deviation", torch.from_numpy(deviation).float())

    def forward(self, numbers: Tensor) -> Tensor:
        """Scale, bound, impute."""
        scores = (numbers - self.mean).div_(self.deviation)
        return scores.clamp_(-MOST_DEVIATIONS, MOST_DEVIATIONS).nan_to_num_(0.0)


def perceptron(features: int, hidden_sizes: Sequence[int], classes: int, dropout: float) -> nn.Sequential:
    """Logits (n, classes) of standard scores (n, features)."""
    layers = nn.Sequential()
    sizes = [features, *hidden_sizes]
    for before, after in pairwise(sizes):
        layers.extend([nn.Linear(before, after), nn.ReLU(), nn.Dropout(dropout)])
    layers.append(nn.Linear(sizes[-1], classes))
    return layers


class Classifier(nn.Module):
    """Probabilities (n, classes) of numbers (n, features)."""

    def __init__(self, scaler: Scaler, layers: nn.Module) -> None:
        super().__init__()
        self.scaler, self.layers = scaler, layers

    def forward(self, numbers: Tensor) -> Tensor:
        """Of numbers as they are in the data."""
        return torch.softmax(self.layers(self.scaler(numbers)), 1)


class Labelled(nn.Module):
    """Probabilities (n, classes), and which class each is of, as a number (n, classes) that follows from its name.

    So two models can be compared on the same rows though one of them knows classes that the other does not.
    """

    def __init__(self, classifier: nn.Module, classes: Sequence[str]) -> None:
        super().__init__()
        self.classifier = classifier
        self.identities: Tensor
        self.register_buffer("identities", torch.tensor([identity(name) for name in classes]))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Both outputs have a row an example."""
        probabilities = self.classifier(features)
        return probabilities, self.identities.expand(probabilities.shape[0], -1)
