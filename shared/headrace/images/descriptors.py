"""Pixels in; a few numbers to watch for drift, out."""

import numpy as np

from headrace.images.pixels import Pixels

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def descriptors(pixels: Pixels) -> dict[str, float]:
    """Brightness and contrast: mean and deviation of the luminance, 0 to 1; sharpness; width and height in pixels.

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
        "width": float(width),
        "height": float(height),
    }
