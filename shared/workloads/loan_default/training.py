"""LendingClub CSVs in; one of three classifiers, trained and exported to ONNX, out."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from headrace.workload import Arrays, BadData, Prepared, Report, Training

from . import notes
from .codec import Encoding
from .dataset import read_loans
from .graph import Graph, save
from .schema import FEATURES, Field
from .split import test_rows
from .table import Matrix, read_table

Floats = npt.NDArray[np.float32]

_MODELS = {"logistic_regression": "logistic", "random_forest": "forest", "xgboost": "boosting"}


class _Classifier(Protocol):
    def probability(self, x: Floats) -> npt.NDArray[np.float64]: ...

    def graph(self) -> Graph: ...


class _Family(Protocol):
    """A module that holds one kind of model; imported only when that kind is trained, for its libraries are large."""

    def fit(self, loans: Matrix, params: Mapping[str, Any], report: Report) -> _Classifier: ...


@dataclass(frozen=True, slots=True)
class Model:
    """A trained classifier, the columns of its matrix, and the share of charge-offs it was trained on."""

    classifier: _Classifier
    fields: tuple[Field, ...]
    prior: float


class _Training:
    """The three candidates share the data, the matrix and the export; only the classifier differs."""

    def prepare(self, dataset: Path, folder: Path) -> Prepared:
        loans = read_loans(dataset)
        table, keys = loans.table()
        chosen, rule = test_rows(table, keys)
        parts = {"train": table.rows(~chosen), "test": table.rows(chosen)}
        for name, part in parts.items():
            if len(np.unique(part.labels)) < 2:
                raise BadData(f"the {name} split of {len(part)} loans has charge-offs only or none; upload more loans")
            part.write(folder / name)
        return Prepared(len(parts["train"]), len(parts["test"]), notes.about(loans, table, rule))

    def train(self, folder: Path, params: Mapping[str, Any], report: Report) -> Model:
        settings = dict(params)
        family = _family(settings.pop("model", None))
        table = read_table(folder)
        fields = tuple(field for field in FEATURES if not np.isnan(table.feature(field.name)).all())
        left_out = [field.name for field in FEATURES if field not in fields]
        without = f"; without {', '.join(left_out)}, which no loan has" if left_out else ""
        report(0.0, f"{len(table):,} loans, {len(fields)} features{without}")
        classifier = family.fit(table.matrix(fields), settings, report)
        report(1.0, "trained")
        return Model(classifier, fields, float(table.labels.mean()))

    def predict(self, model: Model, inputs: Arrays) -> Arrays:
        p = model.classifier.probability(cast(Floats, inputs["features"]))
        return {"probabilities": np.column_stack([1 - p, p])}

    def export(self, model: Model, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        save(model.classifier.graph(), len(model.fields), folder / "model.onnx")
        Encoding(model.fields, model.prior).write(folder)


def _family(model: object) -> _Family:
    if model not in _MODELS:
        raise BadData(f"no model named {model!r}; a candidate's `model` is one of {', '.join(_MODELS)}")
    return cast(_Family, import_module(f".{_MODELS[str(model)]}", __package__))


training: Training = _Training()
