"""Bytes, or base64 text, of unknown origin in; a decoded picture the right way up, or BadData, out."""

import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import (
    Image,
    TiffImagePlugin,  # noqa: F401  (importing it makes Pillow know the format)
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401
)
from PIL.Image import Transpose

from headrace.errors import BadData

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
"""What may be opened; Pillow knows more, some of which call other programs."""

MOST_PIXELS = 64_000_000
"""Of a JPEG that is read row by row, and so may be decoded at a part of its size."""

MOST_PIXELS_HELD = 16_000_000
"""Of any other picture: all of its pixels are in memory at once, a few bytes each."""

_ORIENTATION = 0x0112
_FIRST_ON_ITS_SIDE = 5
_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}


def opened(data: bytes, name: str = "the image") -> Image.Image:
    """The picture that `data` holds, whole and turned as its EXIF says; of an animation the first frame.

    Raises BadData, which calls it `name`, when `data` is empty, cut short, no picture, or too large when unpacked.
    """
    return decoded(header(data, name), name)


def header(data: bytes, name: str = "the image") -> Image.Image:
    """The picture as its first bytes describe it: size, mode and format, not decoded yet. Raises BadData."""
    if not data:
        raise BadData(f"{name} is empty; send a JPEG or PNG file")
    with _reading(name):
        image = Image.open(BytesIO(data), formats=FORMATS)
    most = MOST_PIXELS if image.format == "JPEG" and "progressive" not in image.info else MOST_PIXELS_HELD
    if image.width * image.height > most:
        raise BadData(_too_large(name, most))
    return image


def upright(image: Image.Image) -> tuple[int, int]:
    """Width and height, in pixels, that what `header` gave has once it is decoded."""
    width, height = image.size
    return (height, width) if orientation(image) >= _FIRST_ON_ITS_SIDE else (width, height)


def decoded(image: Image.Image, name: str = "the image", least: int | None = None) -> Image.Image:
    """What `header` gave, decoded and upright. Raises BadData.

    With `least` a JPEG is decoded at a half, a quarter or an eighth of its size while both sides keep so many pixels:
    several times faster for a large photo that is to become small.
    """
    with _reading(name):
        if least is not None:
            image.draft(image.mode, (least, least))
        image.load()
    turn = _UPRIGHT.get(orientation(image))
    return image.transpose(turn) if turn is not None else image


def from_base64(value: object, field: str = "image") -> Image.Image:
    """The picture in a field of an instance: a file's bytes, or their base64 text, which `data:…;base64,` may begin."""
    return opened(base64_bytes(value, field), field)


def base64_bytes(value: object, field: str = "image") -> bytes:
    """The bytes of a file in a field of an instance, which holds them or their base64 text. Raises BadData."""
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise BadData(f"{field} is a {type(value).__name__}, not text; send the file's bytes in base64")
    text = value.partition(",")[2] if value[:5].lower() == "data:" else value
    try:
        return binascii.a2b_base64(text.encode("ascii").translate(None, b" \t\r\n"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        shown = value if len(value) <= 30 else f"{value[:29]}…"
        raise BadData(f"{field} is {shown!r}, which is not base64 ({error}); send the file's bytes in base64") from None


def orientation(image: Image.Image) -> int:
    """How EXIF says the camera was held: 1 (upright) to 8; 1 when it says nothing that can be read."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # damaged metadata spoils no picture
        return 1
    return value if value in _UPRIGHT else 1


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Whatever Pillow raises becomes BadData: a decoder may stumble over anything."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadData(_too_large(name, MOST_PIXELS_HELD)) from None
    except UnidentifiedImageError:
        raise BadData(f"{name} is no picture; send one of {', '.join(FORMATS)}") from None
    except Exception as error:
        said = str(error) or type(error).__name__
        raise BadData(f"{name} is damaged ({said}); save it anew as JPEG or PNG") from error


def _too_large(name: str, most: int) -> str:
    return f"{name} has more than {most // 1_000_000} megapixels; make it smaller"
