"""A radar image in any mode in; grey as radar images are shown and learned, and which pixels have data, out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from headrace.errors import BadData
from headrace.images import reading
from headrace.images.pixels import Pixels, grey

DARKEST = -25.0
"""Decibels that are black; none is white."""

_GDAL_NODATA = 42113
"""The tag in which GDAL writes the value that stands for no data, as text."""

_FAINTEST = 1e-6
_UNLIKELY = (-60.0, 15.0)
"""Decibels between which the median of any scene lies."""

Floats = npt.NDArray[np.float32]
Known = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Backscatter:
    """Grey pixels (h, w); where some have no data, `known` (h, w) is False and their grey is the median of the others.
    """

    grey: Pixels
    known: Known | None = None


def backscatter(header: Image.Image, name: str = "the image") -> Backscatter:
    """The radar image that `header` (see `reading.header`) begins. Raises BadData, which calls it `name`.

    Floating-point pixels are sigma nought: decibels where some are below zero, else the ratio itself. What is not a
    number has no data, nor has the value that a GeoTIFF's GDAL_NODATA names. Any other mode is grey as it is.
    """
    absent = _absent(header)
    image = reading.decoded(header, name)
    if image.mode == "F":
        return _of_floats(np.asarray(image), absent, name)
    known = None if absent is None or image.mode in ("P", "1") else _marked(np.asarray(image), absent)
    if known is None or known.all():
        return Backscatter(grey(image))
    return _filled(grey(image), known, name)


def _of_floats(values: Floats, absent: float | None, name: str) -> Backscatter:
    known = np.isfinite(values)
    if absent is not None:
        known &= values != np.float32(absent)
    if not known.any():
        raise BadData(_empty(name))
    shown = values[known]
    decibels = values if (shown < 0).any() else 10 * np.log10(np.maximum(values, _FAINTEST, where=known, out=values * 0))
    median = float(np.median(decibels[known]))
    if not _UNLIKELY[0] <= median <= _UNLIKELY[1]:
        raise BadData(
            f"{name} has floating-point pixels whose median is {np.median(shown):.4g}, which is no backscatter; "
            "calibrate it to sigma nought, as a ratio or in decibels, or save it with 8 bits"
        )
    scaled = 255 * (1 - np.where(known, decibels, median) / DARKEST)
    return Backscatter(np.clip(np.rint(scaled), 0, 255).astype(np.uint8), None if known.all() else known)


def _filled(found: Pixels, known: Known, name: str) -> Backscatter:
    if not known.any():
        raise BadData(_empty(name))
    median = np.uint8(np.median(found[known]))
    return Backscatter(np.where(known, found, median).astype(np.uint8), known)


def _marked(values: npt.NDArray[np.generic], absent: float) -> Known:
    """Which pixels are not of the value `absent` in every channel."""
    same: Known = values == absent
    return ~(same.all(2) if same.ndim == 3 else same)


def _absent(header: Image.Image) -> float | None:
    """The value that stands for no data, where a TIFF names one."""
    said = getattr(header, "tag_v2", {}).get(_GDAL_NODATA)
    try:
        return None if said is None else float(str(said).strip("\x00 "))
    except ValueError:
        return None


def _empty(name: str) -> str:
    return f"{name} has no pixel with data; send another part of the scene"
