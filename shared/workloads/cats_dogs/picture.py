"""The bytes of one picture in; its pixels at the network's size, the same for training and for serving, out."""

from dataclasses import dataclass

from PIL import Image
from PIL.Image import Resampling

from headrace import images
from headrace.images import Pixels
from headrace.workload import BadData

SIDE = 64
"""What the network sees is so many pixels wide and high; the picture's own proportions are given up."""

SMALLEST = 16
_ENDINGS = {"JPEG": (".jpg", ".jpeg"), "TIFF": (".tif", ".tiff")}
_KINDS = {"L": "grey", "1": "black and white", "CMYK": "CMYK", "P": "with a palette"}


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels (side, side, 3), the size of the original in pixels, and in words what was special about the file."""

    pixels: Pixels
    width: int
    height: int
    special: tuple[str, ...] = ()


def read(data: bytes, name: str, side: int = SIDE) -> Picture:
    """Decode the file `name`, its ending right or wrong. Raises BadData for what is no picture, or next to none.

    Training and serving both decode with Pillow: at a part of the size it is as fast as any, and pixels are the same.
    """
    header = images.header(data, name)
    width, height = header.size
    if min(width, height) < SMALLEST:
        raise BadData(f"{name} is {width} × {height} pixels; send at least {SMALLEST} × {SMALLEST}")
    turned = images.orientation(header) > 1
    image = images.decoded(header, name, least=side)
    if (image.width > image.height) != (width > height):
        width, height = height, width
    return Picture(fitted(image, side), width, height, _special(header, name, turned))


def fitted(image: Image.Image, side: int) -> Pixels:
    """The picture's pixels (side, side, 3), averaged over what each of them stands for."""
    if image.mode != "RGB":
        image = Image.fromarray(images.rgb(image))
    if image.size == (side, side):
        return images.rgb(image)
    return images.rgb(image.resize((side, side), Resampling.BILINEAR, reducing_gap=2.0))


def _special(header: Image.Image, name: str, turned: bool) -> tuple[str, ...]:
    kind = header.format or ""
    found = [_KINDS[header.mode]] if header.mode in _KINDS else []
    if header.has_transparency_data:
        found.append("see-through")
    if turned:
        found.append("turned as their EXIF says")
    if "." in name and not name.lower().endswith(_ENDINGS.get(kind, f".{kind.lower()}")):
        found.append("named for another format")
    return tuple(found)
