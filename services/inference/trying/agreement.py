"""Two versions' answers to the same rows in; how far each pair differs, from 0 to 1, out."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt

Answers = Sequence[Mapping[str, Any]]


def differences(champion: Answers, challenger: Answers, tolerance: float) -> list[float]:
    """One a row: 0 or 1 for labels and numbers, the mean difference of the pixels for images."""
    return [_difference(old, new, tolerance) for old, new in zip(champion, challenger, strict=True)]


def _difference(old: Mapping[str, Any], new: Mapping[str, Any], tolerance: float) -> float:
    if "label" in old:
        return float(old["label"] != new.get("label"))
    images = [name for name, value in old.items() if isinstance(value, bytes)]
    if images:
        return float(np.mean([_apart(old[name], new.get(name)) for name in images]))
    return float(any(not _close(value, new.get(name), tolerance) for name, value in old.items()))


def _close(old: Any, new: Any, tolerance: float) -> bool:
    if isinstance(old, float | int) and isinstance(new, float | int) and not isinstance(old, bool):
        return bool(abs(new - old) <= tolerance * abs(old))
    return bool(old == new)


def _apart(old: bytes, new: Any) -> float:
    """How far two images' pixels are apart on average; images of different sizes have nothing in common."""
    if not isinstance(new, bytes):
        return 1.0
    one, other = _pixels(old), _pixels(new)
    return float(np.abs(one - other).mean()) if one.shape == other.shape else 1.0


def _pixels(file: bytes) -> npt.NDArray[np.float32]:
    from PIL import Image

    with Image.open(BytesIO(file)) as image:
        return np.asarray(image, np.float32) / np.float32(255)
