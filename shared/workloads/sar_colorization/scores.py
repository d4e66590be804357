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
_BELL = np.exp(-((np.arange(_WINDOW) - _WINDOW // 2) ** 2) / (2 * _SIGMA**2))
_WEIGHTS = _BELL / _BELL.sum()
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
    mean_x, mean_y = _mean(x), _mean(y)
    var_x, var_y = _mean(x * x) - mean_x**2, _mean(y * y) - mean_y**2
    covariance = _mean(x * y) - mean_x * mean_y
    likeness = (2 * mean_x * mean_y + _LUMINANCE) * (2 * covariance + _CONTRAST)
    return float((likeness / ((mean_x**2 + mean_y**2 + _LUMINANCE) * (var_x + var_y + _CONTRAST))).mean())


def _mean(image: Floats) -> Floats:
    """The average (c, h - 10, w - 10) of what is under the window: along one axis, then along the other."""
    for _ in range(2):
        places = image.shape[2] - _WINDOW + 1
        shifted = np.zeros((*image.shape[:2], places))
        for start, weight in enumerate(_WEIGHTS):
            shifted += weight * image[:, :, start : start + places]
        image = shifted.swapaxes(1, 2)
    return image


MEASURES: Mapping[str, Callable[[Pixels, Pixels], float]] = {"psnr": psnr, "ssim": ssim, "l1": l1}
