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
from .metrics import Floats, scores
from .schema import BY_NAME, FEATURES, FIELDS, LABEL
from .table import MISSING_NAME, Table, category_names, read_table

_EVERY_FIELD = tuple(field.name for field in FIELDS)
_STATUSES = dict(zip(LABELS, ("Fully Paid", "Charged Off"), strict=True))


class _Serving:
    """NumPy only."""

    def open(self, export: Path) -> Codec:
        return LoanCodec(read_encoding(export))

    def examples(self, folder: Path) -> Examples:
        table = read_table(folder)
        slices = {}
        if "grade" in table.columns:
            slices["grade"] = category_names(BY_NAME["grade"], table.column("grade"))
        if "term" in table.columns:
            terms = [f"{term:g} months" if term == term else MISSING_NAME for term in table.column("term").tolist()]
            slices["term"] = np.array(terms, object)
        return Examples(table.instances(), table.labels, slices)

    def outcomes(self, labels: Any, outputs: Arrays) -> Arrays:
        return {"p": outputs["probabilities"][:, 1].astype(np.float64), "y": np.asarray(labels, np.bool_)}

    def metrics(self, outcomes: Arrays) -> dict[str, float]:
        return scores(cast(Floats, outcomes["p"]), cast(npt.NDArray[np.bool_], outcomes["y"]))

    def describe(self, instances: Sequence[Instance]) -> Arrays:
        readers = [(name, reader(field)) for name, field in BY_NAME.items()]
        values = np.array([[read(row.get(name)) for name, read in readers] for row in instances], np.float64)
        table = Table(_EVERY_FIELD, values.reshape(len(instances), len(readers)), np.zeros(len(instances), np.int8))
        return {
            field.name: category_names(field, table.column(field.name))
            if field.kind == "category"
            else table.feature(field.name)
            for field in FEATURES
        }

    def loggable(self, instances: Sequence[Instance]) -> list[Instance]:
        return [{name: value for name, value in row.items() if name in BY_NAME} for row in instances]

    def labelled(self, instances: Sequence[Instance], labels: Sequence[str]) -> bytes:
        text = StringIO()
        writer = csv.DictWriter(text, [*_EVERY_FIELD, LABEL], extrasaction="ignore")
        writer.writeheader()
        for instance, label in zip(instances, labels, strict=True):
            if label not in _STATUSES:
                raise BadData(f"{label!r} is not a loan's label; it is one of {', '.join(_STATUSES)}")
            writer.writerow({**instance, LABEL: _STATUSES[label]})
        return text.getvalue().encode()


serving: Serving = _Serving()
