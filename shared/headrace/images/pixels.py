"""A picture in any mode in; its pixels as eight-bit RGB or grey, out."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from headrace.errors import BadData

Pixels = npt.NDArray[np.uint8]
"""Of shape (h, w) when grey and (h, w, 3) in colour."""


_UNSCALED = {"F", "LAB", "La"}
"""Pillow's modes without a conversion to RGB: floating point may mean anything."""


def rgb(image: Image.Image) -> Pixels:
    """The picture (h, w, 3), on white where it can be seen through. Raises BadData for floating point and L*a*b*."""
    return np.array(_opaque(image).convert("RGB"))


def grey(image: Image.Image) -> Pixels:
    """The luminance (h, w) of the picture, on white where it can be seen through. Raises BadData as `rgb` does."""
    return np.array(_opaque(image).convert("L"))


def _opaque(image: Image.Image) -> Image.Image:
    """The picture with eight bits a channel and without alpha."""
    if image.mode in _UNSCALED:
        raise BadData(f"the image's pixels are of mode {image.mode}; save it with 8 or 16 bits a channel, RGB or grey")
    if image.mode.startswith("I"):
        return Image.fromarray(_eight_bits(np.asarray(image)))
    if not image.has_transparency_data:
        return image
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)


def _eight_bits(deep: npt.NDArray[np.generic]) -> Pixels:
    """Sixteen bits scaled down: 65535, the brightest, to 255."""
    return ((np.clip(deep.astype(np.int64), 0, 65_535) + 128) // 257).astype(np.uint8)
