"""A random forest: scikit-learn's, grown in steps so that its progress shows, exported node by node."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from onnx import helper
from sklearn.ensemble import RandomForestClassifier

from headrace.workload import Run

from .graph import Graph, Tree, sum_of_trees
from .table import Table

Floats = npt.NDArray[np.float32]

_STEPS = 10


@dataclass(frozen=True, slots=True)
class Forest:
    """A fitted forest; it sends missing values where they lowered the impurity most."""

    forest: RandomForestClassifier

    def probability(self, x: Floats) -> npt.NDArray[np.float64]:
        """The probability (n,) of a charge-off for the raw matrix `x` (n, f)."""
        p: npt.NDArray[np.float64] = self.forest.predict_proba(x)[:, 1]
        return p

    def graph(self) -> Graph:
        """The same as ONNX nodes."""
        members = self.forest.estimators_
        trees = [_tree(member.tree_, len(members)) for member in members]
        total = sum_of_trees(trees, "BRANCH_LEQ", 0.0, "sum")
        return Graph(
            [total, helper.make_node("Clip", ["sum", "zero", "one"], ["p"])], {"zero": np.array(0, np.float32)}
        )

    def keep(self, folder: Path) -> tuple[Literal["sklearn"], RandomForestClassifier]:
        """The forest itself; scikit-learn has no format of its own to write."""
        return "sklearn", self.forest


def fit(loans: Table, params: Mapping[str, Any], run: Run) -> Forest:
    """A forest of the labels on the matrix; `params` are scikit-learn's."""
    trees = int(params.get("n_estimators", 100))
    forest = RandomForestClassifier(**{"random_state": 0, **params, "n_jobs": 1, "warm_start": True})
    for step in range(1, _STEPS + 1):
        grown = max(1, trees * step // _STEPS)
        if grown > len(getattr(forest, "estimators_", ())):
            forest.set_params(n_estimators=grown).fit(loans.x, loans.y)
            run.progress(grown / trees, f"{grown} of {trees} trees")
    return Forest(forest)


def _tree(grown: Any, members: int) -> Tree:
    left, right = grown.children_left, grown.children_right
    leaf, itself = left < 0, np.arange(len(left))
    counts = grown.value[:, 0, :]
    return Tree(
        np.where(leaf, 0, grown.feature),
        _rounded_down(grown.threshold),
        np.where(leaf, itself, left),
        np.where(leaf, itself, right),
        grown.missing_go_to_left.astype(bool),
        (counts[:, 1] / counts.sum(axis=1) / members).astype(np.float32),
    )


def _rounded_down(threshold: npt.NDArray[np.float64]) -> Floats:
    """The largest float32 not above each threshold: every float32 value falls on the same side of both."""
    near = threshold.astype(np.float32)
    return np.where(near > threshold, np.nextafter(near, np.float32(-np.inf)), near)
