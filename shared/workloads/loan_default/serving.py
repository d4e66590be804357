"""An exported model's answers, its scores on labelled loans, and the columns watched for drift."""

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from headrace.workload import Arrays, BadData, Codec, Examples, Instance, Serving

from .cleaning import reader
from .codec import LABELS, LoanCodec, read_encoding
from .instances import MISSING_NAME, as_sent, category_names
from .metrics import Floats, scores
from .schema import BY_NAME, FEATURES, FIELDS, LABEL
from .table import feature, read_table

_KEPT = frozenset(BY_NAME)
_GRADE, _TERM = BY_NAME["grade"], BY_NAME["term"]
_EVERY_FIELD = tuple(field.name for field in FIELDS)
_STATUSES = dict(zip(LABELS, ("Fully Paid", "Charged Off"), strict=True))


class _Serving:
    """NumPy only."""

    def open(self, export: Path) -> Codec:
        return LoanCodec(read_encoding(export))

    def examples(self, folder: Path) -> Examples:
        table = read_table(folder)
        slices = {}
        if _GRADE in table.fields:
            slices["grade"] = category_names(_GRADE, table.x[:, table.fields.index(_GRADE)])
        if _TERM in table.fields:
            slices["term"] = _terms(table.x[:, table.fields.index(_TERM)])
        return Examples(as_sent(table), table.y, slices)

    def outcomes(self, labels: Any, outputs: Arrays) -> Arrays:
        return {"p": outputs["probabilities"][:, 1].astype(np.float64), "y": np.asarray(labels, np.bool_)}

    def metrics(self, outcomes: Arrays) -> dict[str, float]:
        return scores(cast(Floats, outcomes["p"]), cast(npt.NDArray[np.bool_], outcomes["y"]))

    def describe(self, instances: Sequence[Instance]) -> Arrays:
        readers = [(name, reader(field)) for name, field in BY_NAME.items()]
        rows = [[read(row.get(name)) for name, read in readers] for row in instances]
        values = np.array(rows, np.float64).reshape(len(instances), len(readers))
        columns = {field: feature(values, field) for field in FEATURES}
        return {
            field.name: category_names(field, column) if field.kind == "category" else column
            for field, column in columns.items()
        }

    def loggable(self, instances: Sequence[Instance]) -> list[Instance]:
        return [row if row.keys() <= _KEPT else _without_the_rest(row) for row in instances]

    def truth(self, labels: Sequence[str]) -> npt.NDArray[np.int8]:
        if unknown := set(labels) - set(LABELS):
            raise BadData(f"{min(unknown)!r} is not a loan's label; it is one of {', '.join(LABELS)}")
        return np.array([LABELS.index(label) for label in labels], np.int8)

    def labelled(self, instances: Sequence[Instance], labels: Sequence[str]) -> bytes:
        text = StringIO()
        writer = csv.DictWriter(text, [*_EVERY_FIELD, LABEL], extrasaction="ignore")
        writer.writeheader()
        for instance, label in zip(instances, labels, strict=True):
            if label not in _STATUSES:
                raise BadData(f"{label!r} is not a loan's label; it is one of {', '.join(_STATUSES)}")
            writer.writerow({**instance, LABEL: _STATUSES[label]})
        return text.getvalue().encode()


def _terms(months: npt.NDArray[np.float32]) -> npt.NDArray[np.object_]:
    distinct, place = np.unique(months, return_inverse=True)
    names = [f"{term:g} months" if term == term else MISSING_NAME for term in distinct.tolist()]
    return np.array(names, object)[place]


def _without_the_rest(row: Instance) -> Instance:
    return {name: value for name, value in row.items() if name in _KEPT}


serving: Serving = _Serving()
