"""JSON rows in; the model's matrix out, and its probabilities back to JSON: all as one export's codec.json says."""

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self

import numpy as np

from headrace.workload import Arrays, BadData, Field, Instance

FILE = "codec.json"
_NUMBERS = {int, float, type(None)}
_LARGEST = float(np.finfo(np.float32).max)
_SHOWN = 60


class TableCodec:
    """Rows to `features` float32 (n, f), NaN where one is missing, and `probabilities` (n, classes) to answers."""

    def __init__(self, features: Sequence[str], classes: Sequence[str]) -> None:
        self._features, self._classes = tuple(features), tuple(classes)
        self._known = frozenset(features)
        self.fields = tuple(Field(name, "number", required=False) for name in features)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The codec that was written to `folder`."""
        stored = json.loads((folder / FILE).read_text("utf-8"))
        return cls(stored["features"], stored["classes"])

    def write(self, folder: Path) -> None:
        """Write the names of columns and classes to `folder`."""
        stored = {"features": self._features, "classes": self._classes}
        (folder / FILE).write_text(json.dumps(stored, ensure_ascii=False, indent=1), "utf-8")

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        """The matrix of `instances`. Raises BadData naming the row (when there are many), the column and its value."""
        rows = [self._row(instance) for instance in instances]
        matrix = self._matrix([row for row in rows if row])
        if matrix is None or len(matrix) < len(rows):
            raise BadData(self._complaint(instances))
        return {"features": matrix.astype(np.float32)}

    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        """One `{"label": …, "probability": p}` a row."""
        probabilities = outputs["probabilities"]
        best = probabilities.argmax(1)
        chances = probabilities[np.arange(len(best)), best].tolist()
        return [
            {"label": self._classes[place], "probability": p} for place, p in zip(best.tolist(), chances, strict=True)
        ]

    def _row(self, instance: Instance) -> list[float | None] | None:
        """The values in order, or None when they cannot be used."""
        if not isinstance(instance, Mapping) or not instance.keys() <= self._known:
            return None
        row = [instance.get(name) for name in self._features]
        usable = _NUMBERS.issuperset(map(type, row)) and row.count(None) < len(row)
        return row if usable else None

    def _matrix(self, rows: list[list[float | None]]) -> "np.typing.NDArray[np.float64] | None":
        """Numbers (n, f), or None when one of them is not finite or too large."""
        try:
            matrix = np.array(rows, np.float64).reshape(len(rows), len(self._features))
        except OverflowError:
            return None
        missing = sum(row.count(None) for row in rows)
        return matrix if np.count_nonzero(np.abs(matrix) <= _LARGEST) + missing == matrix.size else None

    def _complaint(self, instances: Sequence[Instance]) -> str:
        for number, instance in enumerate(instances):
            if wrong := self._wrong(instance):
                return wrong if len(instances) == 1 else f"row {number}: {wrong}"
        raise AssertionError("a matrix could not be made of rows that are all right")

    def _wrong(self, instance: Instance) -> str | None:
        if not isinstance(instance, Mapping):
            return f'{_shown(instance)} is not a row; send an object such as {{"{self._features[0]}": 1.5, …}}'
        for name, value in instance.items():
            if name not in self._known:
                near = get_close_matches(str(name)[:_SHOWN], self._features, n=1)
                return f"{_shown(name)} is no column of this model" + (
                    f"; is it {near[0]!r}?" if near else "; leave it out"
                )
            if value is not None and not _is_number(value):
                return f"{name}: {_shown(value)} is not a finite number; send one, or null where it is missing"
        if all(value is None for value in instance.values()):
            return f"the row has no value; send some of {', '.join(self._features[:5])}, …"
        return None


def _is_number(value: object) -> bool:
    return type(value) in _NUMBERS and abs(value) <= _LARGEST  # type: ignore[arg-type]


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"
