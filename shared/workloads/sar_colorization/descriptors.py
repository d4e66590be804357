"""A radar image in; the few numbers that are kept of it to watch for drift, out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from headrace.images import Pixels, descriptors
from headrace.workload import Arrays, Instance

from .codec import FIELD, pixels

NAMES = ("brightness", "contrast", "sharpness", "speckle", "width", "height")
_BLOCK = 8


def described(instance: Instance) -> Mapping[str, Any]:
    """The numbers of an instance; one that was described before is returned as it is."""
    if FIELD not in instance:
        return instance
    scene = pixels(instance)
    return {**descriptors(scene), "speckle": speckle(scene)}


def columns(instances: Sequence[Instance]) -> Arrays:
    """The numbers by name, one row an instance."""
    rows = [described(instance) for instance in instances]
    return {name: np.array([row[name] for row in rows], np.float64) for name in NAMES}


def speckle(scene: Pixels) -> float:
    """How coarse the grain is: the median over blocks of 8×8 pixels of deviation divided by mean.

    On even ground its inverse square is the equivalent number of looks.
    """
    height, width = (side // _BLOCK for side in scene.shape)
    blocks = scene[: height * _BLOCK, : width * _BLOCK].reshape(height, _BLOCK, width, _BLOCK).astype(np.float64)
    means, deviations = blocks.mean((1, 3)), blocks.std((1, 3))
    return float(np.median(deviations / np.maximum(means, 1.0)))
