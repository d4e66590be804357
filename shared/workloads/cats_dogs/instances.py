"""Instances in; their pictures, and what is watched for drift and may be kept of them, out."""

from collections.abc import Mapping
from typing import Any

from headrace.images import as_base64, base64_bytes, descriptors, jpeg
from headrace.workload import BadData, Instance

from .picture import SIDE, Picture, read

IMAGE = "image"
DESCRIPTORS = ("brightness", "contrast", "sharpness", "speckle", "width", "height")
"""Numbers; they go with the thumbnail that is kept of an upload, as it has lost some of them."""

_LARGEST = 1e9


def picture(instance: Instance, side: int = SIDE) -> Picture:
    """The picture in `{"image": base64 text}`. Raises BadData naming the field."""
    if not isinstance(instance, Mapping) or IMAGE not in instance:
        raise BadData(f'there is no field "{IMAGE}"; send {{"{IMAGE}": the bytes of a JPEG or PNG file in base64}}')
    for name, value in instance.items():
        if name != IMAGE:
            _check(name, value)
    return read(base64_bytes(instance[IMAGE], IMAGE), IMAGE, side)


def described(instance: Instance) -> dict[str, float]:
    """The instance's descriptors: those that go with it, and the others from the picture at the network's size."""
    given = {name: float(instance[name]) for name in DESCRIPTORS if name in instance}
    return given if len(given) == len(DESCRIPTORS) else _measured(picture(instance)) | given


def thumbnail(instance: Instance) -> dict[str, Any]:
    """A JPEG of a few KB at the network's size, with the descriptors of the upload."""
    found = picture(instance)
    return {IMAGE: as_base64(jpeg(found.pixels)), **_measured(found)}


def _measured(found: Picture) -> dict[str, float]:
    return descriptors(found.pixels) | {"width": float(found.width), "height": float(found.height)}


def _check(name: str, value: object) -> None:
    if name not in DESCRIPTORS:
        raise BadData(f'{str(name)[:60]!r} is not a field of a picture; send "{IMAGE}" alone')
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < _LARGEST:
        raise BadData(f'{name} is {str(value)[:30]!r}, not a number; send "{IMAGE}" alone')
