"""Pixels in; PNG or JPEG bytes, and bytes as the text that JSON carries, out."""

import binascii
from io import BytesIO

from PIL import Image

from headrace.images.pixels import Pixels


def png(pixels: Pixels, level: int = 6) -> bytes:
    """The pixels, exactly; `level` 1 compresses fastest, 9 most."""
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=level)
    return stream.getvalue()


def jpeg(pixels: Pixels, quality: int = 90) -> bytes:
    """The pixels, nearly, in a fraction of the bytes; colour keeps its full resolution."""
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality, subsampling=0)
    return stream.getvalue()


def as_base64(data: bytes) -> str:
    """What `from_base64` reads."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")
