"""The four networks of the CycleGAN: a U-Net each way between radar and optical images, and a PatchGAN for each kind.

Images are float tensors (n, channels, height, width) from -1 to 1: radar has one channel, optical three.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

SLOPE = 0.2
SPREAD = 0.02
WIDEST = 8
"""Deeper layers have at most so many times the filters of the first."""


class Generator(nn.Module):
    """A U-Net with `depth` halvings and skips across (Ronneberger et al. 2015; as in pix2pix, Isola et al. 2017).

    It takes either kind of image, radar as three equal channels, so that a generator can be asked to leave an image of
    its own target domain alone. Sides must be multiples of `2 ** depth`.
    """

    def __init__(self, channels: int, filters: int, depth: int) -> None:
        super().__init__()
        widths = [filters * min(2**level, WIDEST) for level in range(depth)]
        last = depth - 1
        # One pixel has no statistics, so the bottom is not normalised; nor is the top, which carries the brightness.
        self.downs = nn.ModuleList(
            _down(given, made, normalised=0 < level < last)
            for level, (given, made) in enumerate(pairwise([3, *widths]))
        )
        self.ups = nn.ModuleList(
            _up(widths[level] * (1 if level == last else 2), widths[level - 1]) for level in range(last, 0, -1)
        )
        self.head = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(2 * filters, channels, 4, 2, 1), nn.Tanh())
        self.apply(_initialise)

    def forward(self, image: Tensor) -> Tensor:
        """The image (n, channels, h, w) that `image` (n, 1 or 3, h, w) becomes in the other domain."""
        features = image.expand(-1, 3, -1, -1)
        skips: list[Tensor] = []
        for down in self.downs:
            features = down(features)
            skips.append(features)
        features = skips.pop()
        for up in self.ups:
            features = torch.cat([up(features), skips.pop()], 1)
        made: Tensor = self.head(features)
        return made


class Discriminator(nn.Module):
    """A PatchGAN: each number that it gives is a verdict on 70×70 pixels (Isola et al. 2017)."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *_convolution(channels, filters, 2, normalised=False),
            *_convolution(filters, 2 * filters, 2),
            *_convolution(2 * filters, 4 * filters, 2),
            *_convolution(4 * filters, 8 * filters, 1),
            nn.Conv2d(8 * filters, 1, 4, 1, 1),
        )
        self.apply(_initialise)

    def forward(self, image: Tensor) -> Tensor:
        """Verdicts (n, 1, h', w'): near 1 for what looks real, near 0 for what looks made."""
        verdicts: Tensor = self.layers(image)
        return verdicts


class Colouring(nn.Module):
    """The generator of optical images, between bytes as they are sent and colours from 0 to 1."""

    def __init__(self, to_optical: nn.Module) -> None:
        super().__init__()
        self.to_optical = to_optical

    def forward(self, sar: Tensor) -> Tensor:
        """Colours (n, 3, h, w) for radar images (n, h, w)."""
        colours: Tensor = (self.to_optical(signed(sar.unsqueeze(1))) + 1.0) / 2.0
        return colours


def signed(image: Tensor) -> Tensor:
    """Bytes as the numbers from -1 to 1 that networks see."""
    return image.float() / 127.5 - 1.0


def _down(given: int, made: int, normalised: bool) -> nn.Sequential:
    return nn.Sequential(*_convolution(given, made, 2, normalised))


def _convolution(given: int, made: int, stride: int, normalised: bool = True) -> list[nn.Module]:
    """A normalised layer has no bias: it would be subtracted again."""
    norm = [nn.InstanceNorm2d(made)] if normalised else []
    return [nn.Conv2d(given, made, 4, stride, 1, bias=not normalised), *norm, nn.LeakyReLU(SLOPE)]


def _up(given: int, made: int) -> nn.Sequential:
    return nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(given, made, 4, 2, 1, bias=False), nn.InstanceNorm2d(made))


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, SPREAD)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
