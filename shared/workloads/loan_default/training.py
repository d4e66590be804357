"""LendingClub loans in; one of three classifiers, trained and exported to ONNX, out."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Protocol, cast

import numpy as np
import numpy.typing as npt

from headrace.workload import Arrays, BadData, Dataset, Native, Prepared, Run, Training

from . import figures
from .codec import Encoding
from .graph import Graph, save
from .preparing import prepare
from .schema import FEATURES, Field
from .table import Table, read_table

Floats = npt.NDArray[np.float32]

_MODELS = {"logistic_regression": "logistic", "random_forest": "forest", "xgboost": "boosting"}


class _Classifier(Protocol):
    def probability(self, x: Floats) -> npt.NDArray[np.float64]: ...

    def graph(self) -> Graph: ...

    def keep(self, folder: Path) -> tuple[Literal["sklearn", "xgboost"], Any]: ...


class _Family(Protocol):
    """A module that holds one kind of model; imported only when that kind is trained, for its libraries are large."""

    def fit(self, loans: Table, params: Mapping[str, Any], run: Run) -> _Classifier: ...


@dataclass(frozen=True, slots=True)
class Model:
    """A trained classifier, the columns of its matrix, and the share of charge-offs it was trained on.

    `example` holds two of the rows that it was trained on.
    """

    classifier: _Classifier
    fields: tuple[Field, ...]
    prior: float
    example: Floats


class _Training:
    """The three candidates share the data, the matrix and the export; only the classifier differs."""

    def prepare(self, dataset: Dataset, folder: Path) -> Prepared:
        return prepare(dataset, folder)

    def train(self, folder: Path, params: Mapping[str, Any], run: Run) -> Model:
        settings = dict(params)
        family = _family(settings.pop("model", None))
        loans = read_table(folder)
        left_out = [field.name for field in FEATURES if field not in loans.fields]
        without = f"; without {', '.join(left_out)}, which no loan has" if left_out else ""
        run.progress(0.0, f"{len(loans):,} loans, {len(loans.fields)} features{without}")
        classifier = family.fit(loans, settings, run)
        run.progress(1.0, "trained")
        return Model(classifier, loans.fields, float(loans.y.mean()), np.array(loans.x[:2]))

    def predict(self, model: Model, inputs: Arrays) -> Arrays:
        p = model.classifier.probability(cast(Floats, inputs["features"]))
        return {"probabilities": np.column_stack([1 - p, p])}

    def export(self, model: Model, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        save(model.classifier.graph(), len(model.fields), folder / "model.onnx")
        Encoding(model.fields, model.prior).write(folder)

    def keep(self, model: Model, folder: Path) -> Native:
        flavour, native = model.classifier.keep(folder)
        return Native(flavour, native, {"features": model.example})

    def figures(self, outcomes: Arrays) -> Mapping[str, bytes]:
        return figures.drawn(cast(npt.NDArray[np.float64], outcomes["p"]), cast(npt.NDArray[np.bool_], outcomes["y"]))


def _family(model: object) -> _Family:
    if model not in _MODELS:
        raise BadData(f"no model named {model!r}; a candidate's `model` is one of {', '.join(_MODELS)}")
    return cast(_Family, import_module(f".{_MODELS[str(model)]}", __package__))


training: Training = _Training()
