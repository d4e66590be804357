"""Pictures as uint8 in; the probability of each class, out."""

from itertools import pairwise

from torch import Tensor, nn

from .labels import CLASSES

_BLOCKS = (1, 2, 4, 8)
_MIDDLE, _SPREAD = 118.0, 63.0
"""Mean and deviation of a colour in photos of pets, from 0 to 255; batch normalisation does the rest."""


class Classifier(nn.Module):
    """Four blocks of convolution, batch normalisation, ReLU and pooling, each at half the size of the one before.

    The head averages over the picture, so that any size can be trained on.
    """

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        channels = [3, *(width * factor for factor in _BLOCKS)]
        self.blocks = nn.Sequential(*(_block(*pair) for pair in pairwise(channels)))
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout), nn.Linear(channels[-1], len(CLASSES))
        )

    def forward(self, image: Tensor) -> Tensor:
        """Scores (n, classes) of `image` (n, 3, h, w) with values from 0 to 255."""
        scores: Tensor = self.head(self.blocks((image.float() - _MIDDLE) / _SPREAD))
        return scores


class Answering(nn.Module):
    """A trained classifier as it is exported: what it says of a picture and of its mirror image, averaged."""

    def __init__(self, classifier: nn.Module) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, image: Tensor) -> Tensor:
        """Probabilities (n, classes) of `image` uint8 (n, 3, h, w)."""
        seen, mirrored = self.classifier(image), self.classifier(image.flip(3))
        probabilities: Tensor = (seen.softmax(1) + mirrored.softmax(1)) / 2
        return probabilities


def _block(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2)
    )
