"""One split of labelled texts in; flat arrays in a folder, from which single texts are read again, out."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from headrace.instances import Spelled
from headrace.workload import Instance

from .ragged import Ragged

_CLASSES = "classes.json"


def as_sent(texts: Ragged) -> Spelled:
    """Texts as instances, decoded when they are asked for."""

    def spell(places: slice) -> list[Instance]:
        return [{"text": texts[place].tobytes().decode()} for place in range(*places.indices(len(texts)))]

    return Spelled(len(texts), spell)


@dataclass(frozen=True, slots=True)
class Labelled:
    """`texts` in UTF-8, `labels` (n,) that are places in `classes`."""

    texts: Ragged
    labels: npt.NDArray[np.int8]
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: npt.NDArray[np.int64]) -> "Labelled":
        """The given rows in the given order."""
        return Labelled(self.texts.take(rows), self.labels[rows], self.classes)

    def write(self, folder: Path) -> None:
        """Write the split to `folder`: the same bytes for the same texts."""
        folder.mkdir(parents=True, exist_ok=True)
        self.texts.write(folder, "texts")
        np.save(folder / "labels.npy", self.labels)
        (folder / _CLASSES).write_text(json.dumps(self.classes), "utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The split that was written to `folder`."""
        classes = json.loads((folder / _CLASSES).read_text("utf-8"))
        return cls(Ragged.read(folder, "texts"), np.load(folder / "labels.npy"), tuple(classes))
