"""Instances in; the network's input, and its probabilities as answers, out: all as one export's codec.json says."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from headrace.workload import Arrays, BadData, Field, Instance

from .instances import IMAGE, picture
from .labels import CLASSES
from .picture import SIDE

FILE = "codec.json"


@dataclass(frozen=True, slots=True)
class Encoding:
    """What an export says of itself: the classes in the order of its outputs, and how large it sees a picture."""

    classes: tuple[str, ...] = CLASSES
    side: int = SIDE

    def write(self, folder: Path) -> None:
        """Write the encoding to `folder`."""
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1), "utf-8")


def read_encoding(folder: Path) -> Encoding:
    """The encoding that was written to `folder`."""
    stored = json.loads((folder / FILE).read_text("utf-8"))
    return Encoding(tuple(stored["classes"]), stored["side"])


class PictureCodec:
    """Pictures to `image` uint8 (n, 3, side, side), and `probabilities` (n, classes) to answers."""

    def __init__(self, encoding: Encoding) -> None:
        self._classes, self._side = encoding.classes, encoding.side
        self.fields = (Field(IMAGE, "image", "a photo of a cat or a dog"),)

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        """The pixels of `instances`. Raises BadData naming the row, when there are many, and the field."""
        images = np.empty((len(instances), 3, self._side, self._side), np.uint8)
        for row, instance in enumerate(instances):
            try:
                images[row] = picture(instance, self._side).pixels.transpose(2, 0, 1)
            except BadData as error:
                raise BadData(f"row {row}: {error}" if len(instances) > 1 else str(error)) from None
        return {"image": images}

    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        """One `{"label": "dog", "cat_probability": 0.1, "dog_probability": 0.9}` a picture."""
        names = [f"{each}_probability" for each in self._classes]
        labels = outputs["probabilities"].argmax(1).tolist()
        return [
            {"label": self._classes[label], **dict(zip(names, row, strict=True))}
            for label, row in zip(labels, outputs["probabilities"].tolist(), strict=True)
        ]
