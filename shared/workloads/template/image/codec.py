"""Pictures as JSON in; their pixels, and the network's probabilities as answers, out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from PIL import Image, ImageOps

from headrace import images
from headrace.images import Pixels
from headrace.workload import Arrays, BadData, Field, Instance

from .classes import answers
from .schema import SIDE

FIELD = "image"

_FILE = "codec.json"


@dataclass(frozen=True, slots=True)
class PictureCodec:
    """Pictures to `pixels` uint8 (n, side, side, 3)."""

    side: int
    classes: tuple[str, ...]

    @classmethod
    def read(cls, export: Path) -> Self:
        """The codec that was written to `export`."""
        stored = json.loads((export / _FILE).read_text("utf-8"))
        return cls(stored["side"], tuple(stored["classes"]))

    def write(self, export: Path) -> None:
        """Write the codec to `export`."""
        (export / _FILE).write_text(json.dumps(asdict(self)), "utf-8")

    @property
    def fields(self) -> Sequence[Field]:
        """The picture."""
        return [Field(FIELD, "image", "its middle square is what is seen")]

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        """The pixels. Raises BadData naming the row and what is wrong with it."""
        pixels = np.empty((len(instances), self.side, self.side, 3), np.uint8)
        for row, instance in enumerate(instances):
            try:
                pixels[row] = picture(instance, self.side)
            except BadData as error:
                raise BadData(f"row {row}: {error}") from None
        return {"pixels": pixels}

    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        """What each picture is, and how likely it is each class."""
        return answers(outputs["probabilities"], self.classes)


def picture(instance: Instance, side: int = SIDE) -> Pixels:
    """The pixels of `{"image": base64 text}`."""
    if not isinstance(instance, Mapping) or set(instance) != {FIELD}:
        raise BadData(f'{str(instance)[:60]!r} is not a picture; send {{"{FIELD}": the bytes of a file in base64}}')
    return squared(images.base64_bytes(instance[FIELD], FIELD), FIELD, side)


def squared(data: bytes, name: str, side: int = SIDE) -> Pixels:
    """The pixels (side, side, 3) of the middle of the file `name`. Raises BadData for what is no picture."""
    image = images.decoded(images.header(data, name), name, least=side)
    return np.asarray(ImageOps.fit(Image.fromarray(images.rgb(image)), (side, side)))


def instance(pixels: Pixels) -> dict[str, str]:
    """What `picture` makes the same pixels of."""
    return {FIELD: images.as_base64(images.png(pixels, level=1))}
