"""Rows as JSON in; the network's features, and its probabilities as answers, out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import nan
from pathlib import Path
from typing import Any, Self

import numpy as np

from headrace.workload import Arrays, BadData, Field, Instance

from .classes import answers
from .schema import CATEGORIES, NUMBERS

MISSING = (None, "", "-", "?", "NA", "N/A", "NaN", "nan", "NULL", "null", "None")
LONGEST = 60
"""Characters of a category that count."""

_FILE = "codec.json"
_LARGEST = 1e30


@dataclass(frozen=True, slots=True)
class RowCodec:
    """Rows to `features` float32 (n, f): numbers, NaN where missing, then for each category the place of its value.

    `categories` has those places by column; a value that is missing, or was rare in training, is -1.
    """

    numbers: tuple[str, ...]
    categories: Mapping[str, Mapping[str, int]]
    classes: tuple[str, ...]

    @classmethod
    def read(cls, export: Path) -> Self:
        """The codec that was written to `export`."""
        stored = json.loads((export / _FILE).read_text("utf-8"))
        return cls(tuple(stored["numbers"]), stored["categories"], tuple(stored["classes"]))

    def write(self, export: Path) -> None:
        """Write the codec to `export`."""
        (export / _FILE).write_text(json.dumps(asdict(self), indent=1), "utf-8")

    @property
    def fields(self) -> Sequence[Field]:
        """The columns; each may be left out."""
        numbers = [Field(name, "number", required=False) for name in self.numbers]
        texts = [Field(name, "text", required=False, choices=tuple(known)) for name, known in self.categories.items()]
        return [*numbers, *texts]

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        """The features. Raises BadData naming the row, the column and its value."""
        features = np.empty((len(instances), len(self.numbers) + len(self.categories)), np.float32)
        for at, row in enumerate(instances):
            try:
                _check(row)
                numbers = [number(row, name) for name in self.numbers]
                places = [known.get(category(row, name), -1) for name, known in self.categories.items()]
                features[at] = numbers + places
            except BadData as error:
                raise BadData(f"row {at}: {error}") from None
        return {"features": features}

    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        """What each row is, and how likely it is each class."""
        return answers(outputs["probabilities"], self.classes)


def number(row: Instance, name: str) -> float:
    """The number in the column `name`, NaN when missing."""
    value = row.get(name)
    if value in MISSING:
        return nan
    try:
        found = nan if isinstance(value, bool) or (isinstance(value, str) and "_" in value) else float(value)
    except (TypeError, ValueError, OverflowError):
        found = nan
    if not abs(found) < _LARGEST:
        raise BadData(f"{name} is {str(value)[:60]!r}, not a number; leave it out where it is not known")
    return found


def category(row: Instance, name: str) -> str:
    """The category in the column `name`, empty when missing."""
    value = row.get(name)
    if value in MISSING:
        return ""
    if not isinstance(value, str | int):
        raise BadData(f"{name} is {str(value)[:60]!r}, not a text; leave it out where it is not known")
    return str(value).strip()[:LONGEST]


def _check(row: Instance) -> None:
    columns = NUMBERS + CATEGORIES
    if not isinstance(row, Mapping):
        raise BadData(f'{str(row)[:60]!r} is not a row; send an object such as {{"{columns[0]}": …}}')
    if unknown := [name for name in row if name not in columns]:
        raise BadData(f"{str(unknown[0])[:60]!r} is not a column; there are {', '.join(columns)}")
    if all(value in MISSING for value in row.values()):
        raise BadData(f"no value is known; send some of {', '.join(columns)}")
