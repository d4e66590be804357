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

_FAINTEST = np.float32(1e-6)
_POSSIBLE = (-100.0, 100.0)
_LIKELY = (-60.0, 15.0)
"""Decibels between which the median of any scene lies."""

Floats = npt.NDArray[np.float32]
Known = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Backscatter:
    """Grey pixels (h, w). Where `known` (h, w) is False there is no data, and the grey is the median of all others."""

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


def may_lack_data(header: Image.Image) -> bool:
    """Whether pixels of the image may be without data, by what its first bytes say."""
    return header.mode == "F" or _absent(header) is not None


def _of_floats(values: Floats, absent: float | None, name: str) -> Backscatter:
    known = np.isfinite(values)
    if absent is not None:
        known &= values != np.float32(absent)
    if not known.any():
        raise BadData(_empty(name))
    decibels = np.clip(_decibels(np.where(known, values, np.float32(1))), *_POSSIBLE)
    median = float(np.median(decibels[known]))
    if not _LIKELY[0] <= median <= _LIKELY[1]:
        shown = float(np.median(values[known].astype(np.float64)))
        raise BadData(
            f"{name} has floating-point pixels whose median is {shown:.4g}, which is no backscatter; calibrate it to "
            "sigma nought, as a ratio or in decibels, or save it with 8 bits"
        )
    scaled = 255 * (1 - np.where(known, decibels, np.float32(median)) / DARKEST)
    return Backscatter(np.clip(np.rint(scaled), 0, 255).astype(np.uint8), None if known.all() else known)


def _decibels(values: Floats) -> Floats:
    if (values < 0).any():
        return values
    found: Floats = 10 * np.log10(np.maximum(values, _FAINTEST))
    return found


def _filled(found: Pixels, known: Known, name: str) -> Backscatter:
    if not known.any():
        raise BadData(_empty(name))
    median = np.uint8(np.median(found[known]))
    return Backscatter(np.where(known, found, median).astype(np.uint8), known)


def _marked(values: npt.NDArray[np.generic], absent: float) -> Known:
    """Which pixels are not of the value `absent` in every channel."""
    differs: Known = np.asarray(values != absent)
    return np.asarray(differs.any(2)) if differs.ndim == 3 else differs


def _absent(header: Image.Image) -> float | None:
    """The value that stands for no data, where a TIFF names one."""
    said = getattr(header, "tag_v2", {}).get(_GDAL_NODATA)
    try:
        return None if said is None else float(str(said).strip("\x00 "))
    except ValueError:
        return None


def _empty(name: str) -> str:
    return f"{name} has no pixel with data; send another part of the scene"
