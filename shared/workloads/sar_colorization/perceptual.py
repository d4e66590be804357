"""Two images in; how far apart they look to a network that was trained to recognise things, out."""

from pathlib import Path
from pickle import UnpicklingError
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss

from headrace.workload import BadData

WIDTHS = ((64, 64), (128, 128), (256, 256, 256))
"""The first three stages of VGG-16 (Simonyan and Zisserman 2015), by the filters of their convolutions."""

_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's photographs, from 0 to 1, by which such networks are fed."""


class Perceptual(nn.Module):
    """The mean distance between the features of two optical images after each stage (Johnson et al. 2016)."""

    mean: Tensor
    spread: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(*_layers())
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("spread", torch.tensor(_SPREAD).view(1, 3, 1, 1), persistent=False)
        self.requires_grad_(False)

    @classmethod
    def of(cls, path: Path) -> Self:
        """With the weights in `path`: a VGG-16's state_dict, of which the first three stages are used."""
        made = cls()
        wanted = made.state_dict()
        weights = _read(path)
        for name, weight in wanted.items():
            given = weights.get(name)
            found = tuple(given.shape) if isinstance(given, Tensor) else "no tensor"
            if found != tuple(weight.shape):
                raise BadData(
                    f"{path}: {name} is {found} and not {tuple(weight.shape)}; perceptual_weights is the state_dict "
                    "of a VGG-16, its convolutions numbered as torchvision does"
                )
        made.load_state_dict({name: weights[name] for name in wanted})
        return made.eval()

    def forward(self, made: Tensor, real: Tensor) -> Tensor:
        """The distance, a single number, of two images (n, 3, h, w) from -1 to 1."""
        both = (torch.cat([made, real]) + 1.0) / 2.0
        both = (both - self.mean) / self.spread
        distances: list[Tensor] = []
        for layer in self.features:
            if isinstance(layer, nn.MaxPool2d):
                distances.append(_halves_apart(both))
            both = layer(both)
        return torch.stack([*distances, _halves_apart(both)]).mean()


def _halves_apart(both: Tensor) -> Tensor:
    made, real = both.chunk(2)
    return l1_loss(made, real)


def _layers() -> list[nn.Module]:
    """In VGG-16's own order and numbering; nothing happens in place, for the features are still needed."""
    layers: list[nn.Module] = []
    channels = 3
    for stage, widths in enumerate(WIDTHS):
        layers += [nn.MaxPool2d(2)] if stage else []
        for width in widths:
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
    return layers


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    except (OSError, RuntimeError, EOFError, TypeError, ValueError, UnpicklingError) as error:
        raise BadData(f"{path} cannot be read as tensors ({error}); torch.save a VGG-16's state_dict") from error
