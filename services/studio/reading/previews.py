"""A picture of any format and depth in; a small file of it that every browser shows out."""

from io import BytesIO

from PIL import Image, ImageOps, WebPImagePlugin  # noqa: F401  (importing it makes Pillow know the format)

from headrace.images import backscatter, header, opened, rgb

MOST_SIDE = 1600
_QUALITY = 88


def photo(data: bytes, most: int = MOST_SIDE) -> bytes:
    """A photo. Raises BadData."""
    return _small(Image.fromarray(rgb(opened(data))), most)


def thumbnail(data: bytes, side: int) -> bytes:
    """The middle of a photo, as large a square of it as there is. Raises BadData."""
    return _small(ImageOps.fit(Image.fromarray(rgb(opened(data))), (side, side)), side)


def radar(data: bytes, most: int = MOST_SIDE) -> bytes:
    """A radar image in the grey that its model sees, transparent where it has no data. Raises BadData."""
    found = backscatter(header(data))
    image = Image.fromarray(found.grey)
    if found.known is not None:
        image.putalpha(Image.fromarray(found.known))
    return _small(image, most)


def drawn(png: bytes, most: int = MOST_SIDE) -> bytes:
    """What a model drew."""
    with Image.open(BytesIO(png)) as image:
        return _small(image, most)


def _small(image: Image.Image, most: int) -> bytes:
    kept = image.convert("RGBA" if image.mode in ("LA", "RGBA") else "RGB")
    kept.thumbnail((most, most))
    stream = BytesIO()
    kept.save(stream, "WEBP", quality=_QUALITY, method=2)
    return stream.getvalue()
