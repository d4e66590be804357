"""Logistic regression: imputed, clipped and scaled numbers, flags for what was missing, one-hot categories."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from headrace.workload import Report

from .graph import Graph
from .table import Matrix

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]

_TAILS = (0.005, 0.995)


@dataclass(frozen=True, slots=True)
class Design:
    """From the raw matrix to the regression's columns; every array is what the ONNX graph holds as a constant."""

    numbers: Places
    median: Floats
    low: Floats
    high: Floats
    mean: Floats
    scale: Floats
    flags: Places
    categories: Places
    codes: Floats

    def columns(self, x: Floats) -> Floats:
        """The regression's columns (n, k) for the raw matrix `x` (n, f)."""
        numbers = x[:, self.numbers]
        filled = np.where(np.isnan(numbers), self.median, numbers)
        scaled = (np.minimum(np.maximum(filled, self.low), self.high) - self.mean) / self.scale
        flags = np.isnan(x[:, self.flags])
        return np.concatenate([scaled, flags, x[:, self.categories] == self.codes], axis=1, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted regression and the design of its columns."""

    design: Design
    regression: LogisticRegression

    def probability(self, x: Floats) -> npt.NDArray[np.float64]:
        """The probability (n,) of a charge-off for the raw matrix `x` (n, f)."""
        p: npt.NDArray[np.float64] = self.regression.predict_proba(self.design.columns(x))[:, 1]
        return p

    def graph(self) -> Graph:
        """The same as ONNX nodes."""
        node, design = helper.make_node, self.design
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
        arrays = {name: getattr(design, name) for name in Design.__dataclass_fields__}
        arrays["weights"] = self.regression.coef_.T.astype(np.float32)
        arrays["bias"] = self.regression.intercept_.astype(np.float32)
        return Graph(nodes, arrays)


def fit(loans: Matrix, params: Mapping[str, Any], report: Report) -> Logistic:
    """A regression of the labels on the matrix; `params` are scikit-learn's."""
    report(0.1, "scaling")
    design = _design(loans)
    columns = design.columns(loans.x)
    report(0.3, f"fitting {columns.shape[1]} coefficients")
    with threadpool_limits(1):
        regression = LogisticRegression(**{"max_iter": 1000, **params}).fit(columns.astype(np.float64), loans.y)
    return Logistic(design, regression)


def _design(loans: Matrix) -> Design:
    x, categorical = loans.x, np.array([field.kind == "category" for field in loans.fields])
    numbers = np.flatnonzero(~categorical)
    raw = x[:, numbers]
    median = np.nanmedian(raw, axis=0).astype(np.float32)
    low, high = np.nanquantile(raw, _TAILS, axis=0).astype(np.float32)
    clipped = np.clip(np.where(np.isnan(raw), median, raw), low, high).astype(np.float64)
    scale = clipped.std(axis=0)
    seen = [(place, code) for place in np.flatnonzero(categorical) for code in np.unique(x[:, place]) if code > 0]
    return Design(
        numbers,
        median,
        low,
        high,
        clipped.mean(axis=0).astype(np.float32),
        np.where(scale > 0, scale, 1).astype(np.float32),
        numbers[np.isnan(raw).any(axis=0)],
        np.array([place for place, _ in seen], np.int64),
        np.array([code for _, code in seen], np.float32),
    )
