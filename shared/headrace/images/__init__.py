"""Pictures in and out of bytes, with Pillow and NumPy only: what serving code of image workloads builds on."""

from headrace.images.backscatter import Backscatter, backscatter, may_lack_data
from headrace.images.descriptors import descriptors
from headrace.images.drawing import grid
from headrace.images.pixels import Pixels, grey, rgb
from headrace.images.reading import (
    FORMATS,
    MOST_PIXELS,
    MOST_PIXELS_HELD,
    base64_bytes,
    decoded,
    from_base64,
    header,
    opened,
    orientation,
    upright,
)
from headrace.images.writing import as_base64, jpeg, png

__all__ = [
    "FORMATS",
    "MOST_PIXELS",
    "MOST_PIXELS_HELD",
    "Backscatter",
    "Pixels",
    "as_base64",
    "backscatter",
    "base64_bytes",
    "decoded",
    "descriptors",
    "from_base64",
    "grey",
    "grid",
    "header",
    "jpeg",
    "may_lack_data",
    "opened",
    "orientation",
    "png",
    "rgb",
    "upright",
]
