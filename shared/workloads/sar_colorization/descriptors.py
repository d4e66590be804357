"""A radar image in; the few numbers that are kept of it to watch for drift, out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from headrace.images import descriptors
from headrace.workload import Arrays, Instance

from .codec import FIELD, pixels

NAMES = ("brightness", "contrast", "sharpness", "speckle", "width", "height")


def described(instance: Instance) -> Mapping[str, Any]:
    """The numbers of an instance; one that was described before is returned as it is."""
    if FIELD not in instance:
        return instance
    return descriptors(pixels(instance))


def columns(instances: Sequence[Instance]) -> Arrays:
    """The numbers by name, one row an instance."""
    rows = [described(instance) for instance in instances]
    return {name: np.array([row[name] for row in rows], np.float64) for name in NAMES}
