"""A GeoTIFF and the colours that were made of it in; a GeoTIFF of the colours at the same place out."""

from io import BytesIO

from PIL import Image, TiffImagePlugin

from headrace.errors import BadData
from headrace.images import header, orientation

_WHERE = (33550, 33922, 34264, 34735, 34736, 34737)
"""GeoTIFF's tags: the size of a pixel, tie points, or the whole transformation, and the coordinate system's keys."""

_UPRIGHT = 1


def is_placed(data: bytes) -> bool:
    """Whether the file says where on Earth its pixels are."""
    return bool(_tags(data))


def placed(data: bytes, png: bytes) -> bytes:
    """The colours in `png`, with the place of the file `data`, deflated."""
    stream = BytesIO()
    with Image.open(BytesIO(png)) as image:
        image.save(stream, "TIFF", compression="tiff_adobe_deflate", tiffinfo=_tags(data))
    return stream.getvalue()


def _tags(data: bytes) -> TiffImagePlugin.ImageFileDirectory_v2:
    found = TiffImagePlugin.ImageFileDirectory_v2()
    try:
        image = header(data)
    except BadData:
        return found
    if isinstance(image, TiffImagePlugin.TiffImageFile) and orientation(image) == _UPRIGHT:
        for tag in _WHERE:
            if tag in image.tag_v2:
                found.tagtype[tag] = image.tag_v2.tagtype[tag]
                found[tag] = image.tag_v2[tag]
    return found
