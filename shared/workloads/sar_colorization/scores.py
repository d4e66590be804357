"""A made and a true image in; how near the one is to the other, pixel by pixel and in structure, out."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

PEAK = 255.0
IDENTICAL = 100.0
"""Decibels given to equal images, whose ratio has no bound."""

_WINDOW, _SIGMA = 11, 1.5
_LUMINANCE, _CONTRAST = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2


def psnr(made: Pixels, true: Pixels) -> float:
    """The peak signal-to-noise ratio in decibels, over all channels together."""
    error = float(np.square(made.astype(np.float64) - true).mean())
    return min(IDENTICAL, 10 * np.log10(PEAK**2 / error)) if error else IDENTICAL


def l1(made: Pixels, true: Pixels) -> float:
    """The mean absolute difference, where 1 is that of black from white."""
    return float(np.abs(made.astype(np.float64) - true).mean() / PEAK)


def ssim(made: Pixels, true: Pixels) -> float:
    """The structural similarity (Wang et al. 2004) of two images (h, w, 3): mean over places and channels.

    As in that paper: a Gaussian window of 11×11 pixels, sigma 1.5, that stays inside the image; K1 0.01, K2 0.03.
    """
    x, y = (image.transpose(2, 0, 1).astype(np.float64) for image in (made, true))
    rows, columns = _blur(x.shape[1]), _blur(x.shape[2]).T

    def mean(image: Floats) -> Floats:
        return rows @ image @ columns

    mean_x, mean_y = mean(x), mean(y)
    var_x, var_y = mean(x * x) - mean_x**2, mean(y * y) - mean_y**2
    covariance = mean(x * y) - mean_x * mean_y
    likeness = (2 * mean_x * mean_y + _LUMINANCE) * (2 * covariance + _CONTRAST)
    return float((likeness / ((mean_x**2 + mean_y**2 + _LUMINANCE) * (var_x + var_y + _CONTRAST))).mean())


def _blur(side: int) -> Floats:
    """The matrix (side - 10, side) that averages a line of pixels under a Gaussian at each place where it fits."""
    distance = np.arange(_WINDOW) - _WINDOW // 2
    weights = np.exp(-(distance**2) / (2 * _SIGMA**2))
    places = side - _WINDOW + 1
    matrix = np.zeros((places, side))
    for offset, weight in enumerate(weights / weights.sum()):
        matrix[np.arange(places), np.arange(places) + offset] = weight
    return matrix


MEASURES: Mapping[str, Callable[[Pixels, Pixels], float]] = {"psnr": psnr, "ssim": ssim, "l1": l1}
