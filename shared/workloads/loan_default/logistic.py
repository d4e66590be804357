"""Logistic regression: imputed, clipped and scaled numbers, flags for what was missing, one-hot categories."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper
from sklearn.compose import ColumnTransformer
from sklearn.frozen import FrozenEstimator
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from headrace.workload import Run

from .graph import Constants, Graph
from .table import Table

Floats = npt.NDArray[np.float32]

_TAILS = (0.005, 0.995)


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted pipeline from the raw matrix to the regression."""

    pipeline: Pipeline

    def probability(self, x: Floats) -> npt.NDArray[np.float64]:
        """The probability (n,) of a charge-off for the raw matrix `x` (n, f)."""
        p: npt.NDArray[np.float64] = self.pipeline.predict_proba(x.astype(np.float64))[:, 1]
        return p

    def graph(self) -> Graph:
        """The same as ONNX nodes."""
        node = helper.make_node
        nodes = [
            node("Gather", ["features", "numbers"], ["raw"], axis=1),
            node("IsNaN", ["raw"], ["absent"]),
            node("Where", ["absent", "median", "raw"], ["filled"]),
            node("Max", ["filled", "low"], ["raised"]),
            node("Min", ["raised", "high"], ["clipped"]),
            node("Sub", ["clipped", "mean"], ["centred"]),
            node("Div", ["centred", "scale"], ["scaled"]),
            node("Gather", ["features", "flags"], ["watched"], axis=1),
            node("IsNaN", ["watched"], ["missing"]),
            node("Cast", ["missing"], ["flagged"], to=TensorProto.FLOAT),
            node("Gather", ["features", "categories"], ["coded"], axis=1),
            node("Equal", ["coded", "codes"], ["same"]),
            node("Cast", ["same"], ["one_hot"], to=TensorProto.FLOAT),
            node("Concat", ["scaled", "flagged", "one_hot"], ["design"], axis=1),
            node("Gemm", ["design", "weights", "bias"], ["logit"]),
            node("Sigmoid", ["logit"], ["p"]),
        ]
        return Graph(nodes, self._constants())

    def keep(self, folder: Path) -> tuple[Literal["sklearn"], Pipeline]:
        """The pipeline itself; scikit-learn has no format of its own to write."""
        return "sklearn", self.pipeline

    def _constants(self) -> Constants:
        design, regression = self.pipeline["design"], self.pipeline["regression"]
        columns = {name: np.array(places, np.int64) for name, _, places in design.transformers}
        numbers, encoder = design.named_transformers_["numbers"], design.named_transformers_["categories"]
        clipper, scaler = numbers["clipped"].estimator, numbers["scaled"]
        known = encoder.categories if len(columns["categories"]) else []
        # The clipper maps [low, high] to [0, 1]; a column that never varies counts as one wide.
        low, width = clipper.data_min_, 1 / clipper.scale_
        numeric = {
            "median": numbers["imputed"].statistics_,
            "low": low,
            "high": low + width,
            "mean": low + scaler.mean_ * width,
            "scale": scaler.scale_ * width,
            "codes": np.array([code for codes in known for code in codes]),
            "weights": regression.coef_.T,
            "bias": regression.intercept_,
        }
        return {name: array.astype(np.float32) for name, array in numeric.items()} | {
            "numbers": columns["numbers"],
            "flags": columns["numbers"][design.named_transformers_["flags"].features_],
            "categories": np.repeat(columns["categories"], [len(codes) for codes in known]),
        }


def fit(loans: Table, params: Mapping[str, Any], run: Run) -> Logistic:
    """A regression of the labels on the matrix; `params` are scikit-learn's."""
    run.progress(0.1, "scaling")
    x = loans.x.astype(np.float64)
    design = _design(loans, x).fit(x)
    run.progress(0.3, f"fitting {design.transform(x[:1]).shape[1]} coefficients")
    regression = LogisticRegression(**{"max_iter": 1000, **params})
    with threadpool_limits(1):
        regression.fit(design.transform(x), loans.y)
    return Logistic(Pipeline([("design", design), ("regression", regression)]))


def _design(loans: Table, x: npt.NDArray[np.float64]) -> ColumnTransformer:
    categorical = np.array([field.kind == "category" for field in loans.fields])
    numbers = np.flatnonzero(~categorical)
    codes = {place: np.unique(x[x[:, place] > 0, place]) for place in np.flatnonzero(categorical)}
    seen = [place for place, known in codes.items() if len(known)]
    scaling = [
        ("imputed", SimpleImputer(strategy="median")),
        ("clipped", FrozenEstimator(MinMaxScaler(clip=True).fit(np.nanquantile(x[:, numbers], _TAILS, axis=0)))),
        ("scaled", StandardScaler()),
    ]
    return ColumnTransformer(
        [
            ("numbers", Pipeline(scaling), numbers),
            ("flags", MissingIndicator(error_on_new=False), numbers),
            ("categories", _one_hot([codes[place] for place in seen]), np.array(seen, np.int64)),
        ]
    )


def _one_hot(codes: list[npt.NDArray[np.float64]]) -> OneHotEncoder:
    return OneHotEncoder(categories=codes, handle_unknown="ignore", sparse_output=False)
