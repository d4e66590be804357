"""JSON rows in; the model's matrix out, and its probabilities back to JSON: all as one export's codec.json says."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from headrace.workload import Arrays, BadData, Instance

from .asked import asked
from .cleaning import MISSING, Reader, reader, shown
from .schema import DROPPED, FIELDS, HISTORY, ISSUED, Field

FILE = "codec.json"
_LONGEST_NAME = 60
LABELS = ("fully_paid", "charged_off")


@dataclass(frozen=True, slots=True)
class Encoding:
    """What an export says of itself: the columns of its matrix, and the probability from which a loan is called bad."""

    features: tuple[Field, ...]
    threshold: float

    def write(self, folder: Path) -> None:
        """Write the encoding to `folder`."""
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1), "utf-8")


def read_encoding(folder: Path) -> Encoding:
    """The encoding that was written to `folder`."""
    stored = json.loads((folder / FILE).read_text("utf-8"))
    features = [Field(**{**field, "vocabulary": tuple(field["vocabulary"])}) for field in stored["features"]]
    return Encoding(tuple(features), stored["threshold"])


class LoanCodec:
    """Rows to `features` float32 (n, f) and `probabilities` (n, 2) to answers."""

    def __init__(self, encoding: Encoding) -> None:
        names = [field.name for field in encoding.features]
        self.fields = asked(encoding.features)
        self._width = len(names)
        self._threshold = encoding.threshold
        self._history = names.index(HISTORY.name) if HISTORY.name in names else None
        # Two places beyond the matrix: the month of issue, then whatever this model does not use.
        self._nothing, self._blank = [MISSING] * self._width, [MISSING] * (self._width + 2)
        self._places: dict[str, tuple[int, Reader]] = dict.fromkeys(DROPPED, (self._width + 1, _ignore))
        self._places |= {field.name: (self._width + 1, reader(field)) for field in FIELDS}
        self._places |= {field.name: (place, reader(field)) for place, field in enumerate(encoding.features)}
        self._places[ISSUED.name] = (self._width, reader(ISSUED))

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        """The matrix of `instances`. Raises BadData naming the row (when there are many), the field and its value."""
        try:
            rows = [self._row(instance) for instance in instances]
        except BadData:
            if len(instances) > 1:
                self._blame(instances)
            raise
        return {"features": np.array(rows, np.float32).reshape(len(rows), self._width)}

    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        """One `{"default_probability": p, "label": …}` a row."""
        threshold = self._threshold
        return [
            {"default_probability": p, "label": LABELS[p >= threshold]} for p in outputs["probabilities"][:, 1].tolist()
        ]

    def _row(self, instance: Instance) -> list[float]:
        if type(instance) is not dict and not isinstance(instance, Mapping):
            raise BadData(f'{shown(instance)} is not a loan; send an object such as {{"loan_amnt": 10000, …}}')
        row, places = self._blank.copy(), self._places
        try:
            for name, value in instance.items():
                place, read = places[name]
                row[place] = read(value)
        except KeyError:
            raise BadData(self._unknown(instance)) from None
        if self._history is not None:
            age = row[self._width] - row[self._history]
            row[self._history] = age if age == age else MISSING
        del row[self._width :]
        if row == self._nothing:  # a list compares by identity first, and every missing value is the one MISSING
            raise BadData(
                f"a loan of {len(instance)} fields has no value that the model uses; send some of {self._examples()}"
            )
        return row

    def _blame(self, instances: Sequence[Instance]) -> None:
        for number, instance in enumerate(instances):
            try:
                self._row(instance)
            except BadData as error:
                raise BadData(f"row {number}: {error}") from None

    def _examples(self) -> str:
        used = [name for name, (place, _) in self._places.items() if place < self._width]
        return ", ".join(used[:5]) + ", …"

    def _unknown(self, instance: Instance) -> str:
        name = next(name for name in instance if name not in self._places)
        near = get_close_matches(str(name)[:_LONGEST_NAME], self._places, n=1)
        return f"{shown(name)} is not a LendingClub column" + (f"; is it {near[0]!r}?" if near else "; leave it out")


def _ignore(value: object) -> float:  # noqa: ARG001
    return MISSING
