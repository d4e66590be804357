"""A generator in training and pairs that it does not learn from, in; scores and a drawing of what it makes, out."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from headrace.images import Pixels, grid

from .cache import Tiles
from .codec import eight_bits
from .networks import signed
from .scores import MEASURES


def scored(to_optical: nn.Module, held: Tiles) -> dict[str, float]:
    """Means over the pairs."""
    pairs = list(zip(_made(to_optical, held), held.optical, strict=True))
    return {name: float(np.mean([measure(*pair) for pair in pairs])) for name, measure in MEASURES.items()}


def drawn(to_optical: nn.Module, held: Tiles) -> bytes:
    """A PNG of radar, made and true images side by side."""
    return grid(list(zip(held.sar, _made(to_optical, held), held.optical, strict=True)))


def _made(to_optical: nn.Module, held: Tiles) -> Iterator[Pixels]:
    for sar in held.sar:
        (optical,) = to_optical(signed(torch.from_numpy(np.array(sar))[None, None]))
        yield eight_bits(((optical + 1.0) / 2.0).cpu().numpy())
