"""Pixels in; a few numbers to watch for drift, out."""

from typing import Any

import numpy as np
import numpy.typing as npt

from headrace.images.pixels import Pixels

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_BLOCK = 8
_DARKEST = 1 / 255
"""Nothing is divided by less."""


def descriptors(pixels: Pixels) -> dict[str, float]:
    """Brightness and contrast: mean and deviation of the luminance, 0 to 1; sharpness; speckle; width and height.

    Sharpness is the deviation of the luminance's Laplacian: 0 where nothing changes. It depends on the resolution, so
    compare pictures of one size.
    """
    luma = pixels.astype(np.float32) / 255
    if luma.ndim == 3:
        luma = luma @ _LUMA
    edges = 4 * luma[1:-1, 1:-1] - luma[:-2, 1:-1] - luma[2:, 1:-1] - luma[1:-1, :-2] - luma[1:-1, 2:]
    height, width = luma.shape
    return {
        "brightness": float(luma.mean()),
        "contrast": float(luma.std()),
        "sharpness": float(edges.std()) if edges.size else 0.0,
        "speckle": speckle(luma),
        "width": float(width),
        "height": float(height),
    }


def speckle(luma: npt.NDArray[np.floating[Any]]) -> float:
    """How coarse the grain is: the median over blocks of 8×8 pixels of deviation divided by mean.

    On even ground that a radar sees, its inverse square is the equivalent number of looks.
    """
    height, width = (side // _BLOCK for side in luma.shape)
    if not height * width:
        return 0.0
    cut = luma[: height * _BLOCK, : width * _BLOCK].reshape(height, _BLOCK, width, _BLOCK)
    blocks = cut.swapaxes(1, 2).reshape(height * width, _BLOCK * _BLOCK).astype(np.float64)
    means = blocks.mean(1)
    blocks -= means[:, None]
    deviations = np.sqrt(np.einsum("ij,ij->i", blocks, blocks) / _BLOCK**2)
    return float(np.median(deviations / np.maximum(means, _DARKEST)))
