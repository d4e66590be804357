"""A class folder of good pictures in; what datasets of photos really hold beside them, added."""

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from random import Random

from PIL import Image

from .animals import animal

_ORIENTATION = 0x0112
_SIDEWAYS = 6
"""The camera was held so that the picture must be turned right by a quarter."""


def add_broken(folder: Path, random: Random) -> None:
    """Add files to `folder/cats` and `folder/dogs`: some are to be used all the same, others to be set aside."""
    for name, make in _KINDS.items():
        dog = random.random() < 0.5
        kind, ending = name.rsplit(".", 1)
        (folder / _named(dog, f"{kind}.{ending}")).write_bytes(make(animal(random, dog, 150, 120)))
    both = _jpeg(animal(random, False, 140, 140))
    for dog in (False, True):
        (folder / _named(dog, "both.jpg")).write_bytes(both)


def _named(dog: bool, name: str) -> str:
    return f"dogs/dog.{name}" if dog else f"cats/cat.{name}"


def _saved(image: Image.Image, kind: str, **options: bytes | int) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def _jpeg(image: Image.Image) -> bytes:
    return _saved(image, "JPEG", quality=90)


def _sideways(image: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[_ORIENTATION] = _SIDEWAYS
    return _saved(image.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif.tobytes())


def _see_through(image: Image.Image) -> bytes:
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return _saved(image, "PNG")


_KINDS: Mapping[str, Callable[[Image.Image], bytes]] = {
    "grey.jpg": lambda image: _jpeg(image.convert("L")),
    "cmyk.jpg": lambda image: _jpeg(image.convert("CMYK")),
    "palette.png": lambda image: _saved(image.quantize(64), "PNG"),
    "see-through.png": _see_through,
    "sideways.jpg": _sideways,
    "really-png.jpg": lambda image: _saved(image, "PNG"),
    "empty.jpg": lambda _: b"",
    "cut-short.jpg": lambda image: _jpeg(image)[:2000],
    "page.jpg": lambda _: b"<!DOCTYPE html><title>404 Not Found</title>",
    "tiny.png": lambda image: _saved(image.resize((8, 8)), "PNG"),
}
