"""Pictures in; the same animals as other photos might have shown them, drawn from a random generator alone, out."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from headrace.images import Pixels

_SMALLEST, _ASPECT, _DEGREES, _JITTER, _CAST, _ERASED = 0.5, 0.2, 10.0, 0.3, 0.15, (0.15, 0.45)
"""At full strength: the least share of a side that is kept, and the logarithms or degrees by which the rest varies."""


def augment(pixels: Pixels, random: np.random.Generator, strength: float) -> Tensor:
    """Mirrored, cropped, turned, recoloured and partly covered: uint8 (n, 3, s, s) of `pixels` (n, s, s, 3).

    A `strength` of 0 leaves pictures as they are, 1 is usual for small datasets.
    """
    pictures = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2)
    if not strength:
        return pictures
    placements = _placements(len(pixels), random, strength)
    grid = functional.affine_grid(placements, list(pictures.shape), align_corners=False)
    moved = functional.grid_sample(pictures.float(), grid, padding_mode="reflection", align_corners=False)
    _cover(moved, random, strength)
    coloured = _recoloured(moved, random, strength)
    return coloured.clamp(0, 255).to(torch.uint8, memory_format=torch.channels_last)


def _placements(count: int, random: np.random.Generator, strength: float) -> Tensor:
    """Affine maps (n, 2, 3) from places in the new picture to places in the old one, both from -1 to 1."""
    side = np.exp(random.uniform(strength * np.log(_SMALLEST), 0.0, count))
    aspect = np.exp(_varied(random, count, strength * _ASPECT / 2))
    wide, high = side * aspect, side / aspect
    mirror = random.choice((-1.0, 1.0), count)
    angle = np.radians(_varied(random, count, strength * _DEGREES))
    right = _varied(random, count, 1.0) * np.maximum(1 - wide, 0)
    down = _varied(random, count, 1.0) * np.maximum(1 - high, 0)
    rows = (
        (mirror * wide * np.cos(angle), -high * np.sin(angle), right),
        (mirror * wide * np.sin(angle), high * np.cos(angle), down),
    )
    return torch.from_numpy(np.array(rows, np.float32).transpose(2, 0, 1))


def _recoloured(pictures: Tensor, random: np.random.Generator, strength: float) -> Tensor:
    """In another light: brightness, contrast, saturation and the cast of each colour change."""
    brightness, contrast, saturation = (_factors(random, (len(pictures), 1), strength * _JITTER) for _ in range(3))
    mean = pictures.mean((1, 2, 3), keepdim=True)
    lit = (pictures - mean) * contrast + mean * brightness
    grey = lit.mean(1, keepdim=True)
    return ((lit - grey) * saturation + grey) * _factors(random, (len(pictures), 3), strength * _CAST)


def _cover(pictures: Tensor, random: np.random.Generator, strength: float) -> None:
    """Put a grey box over a part of some pictures, so that no single mark decides."""
    side = pictures.shape[-1]
    for place in np.flatnonzero(random.random(len(pictures)) < 0.3 * strength):
        high, wide = (side * random.uniform(*_ERASED, 2)).astype(int)
        top, left = random.integers(side - high), random.integers(side - wide)
        pictures[place, :, top : top + high, left : left + wide] = pictures[place].mean()


def _factors(random: np.random.Generator, shape: tuple[int, int], bound: float) -> Tensor:
    factors = np.exp(random.uniform(-bound, bound, shape)).astype(np.float32)
    return torch.from_numpy(factors)[:, :, None, None]


def _varied(random: np.random.Generator, count: int, bound: float) -> npt.NDArray[np.float64]:
    return random.uniform(-bound, bound, count)
