"""A file's path within a dataset in; the class and the split that its folders and its name stand for, out."""

import re
from dataclasses import dataclass
from typing import Literal

Part = Literal["train", "test", "validation"]

CLASSES = ("cat", "dog")
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff")

_FOLDERS = {"cat": 0, "cats": 0, "dog": 1, "dogs": 1}
_NAMED = re.compile(r"(cat|dog)s?(?![a-z])")
_PARTS: dict[str, Part] = {
    **dict.fromkeys(("train", "training", "training_set"), "train"),
    **dict.fromkeys(("test", "testing", "test_set"), "test"),
    **dict.fromkeys(("val", "valid", "validation", "validation_set"), "validation"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """What a path says: the class, 0 or 1, by folder and by file name, and the split. None where it says nothing."""

    folder: int | None
    name: int | None
    part: Part | None

    @property
    def label(self) -> int | None:
        """The class; the folder has the first word."""
        return self.name if self.folder is None else self.folder

    @property
    def contradicts_itself(self) -> bool:
        """Whether the folder stands for one class and the file name for the other."""
        return None not in (self.folder, self.name) and self.folder != self.name


def place(path: str) -> Place:
    """Read a path such as `PetImages/Cat/7.jpg`, `train/dogs/dog.3.jpg` or `cat.12.jpg`; the nearest folder counts."""
    *folders, name = path.lower().split("/")
    named = _NAMED.match(name)
    return Place(
        folder=next((_FOLDERS[folder] for folder in reversed(folders) if folder in _FOLDERS), None),
        name=_FOLDERS[named[1]] if named else None,
        part=next((_PARTS[folder] for folder in reversed(folders) if folder in _PARTS), None),
    )
