"""Gradient-boosted trees: XGBoost's, exported node by node."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost
from onnx import helper

from headrace.workload import Report

from .graph import Graph, Tree, sum_of_trees
from .table import Matrix

Floats = npt.NDArray[np.float32]

_FIXED = {"objective": "binary:logistic", "tree_method": "hist", "nthread": 1}


@dataclass(frozen=True, slots=True)
class Boosting:
    """A fitted booster; every split has learned where missing values go."""

    booster: xgboost.Booster

    def probability(self, x: Floats) -> npt.NDArray[np.float64]:
        """The probability (n,) of a charge-off for the raw matrix `x` (n, f)."""
        return np.asarray(self.booster.inplace_predict(x), np.float64)

    def graph(self) -> Graph:
        """The same as ONNX nodes."""
        learner = json.loads(self.booster.save_raw("json"))["learner"]
        trees = [_tree(grown) for grown in learner["gradient_booster"]["model"]["trees"]]
        prior = float(learner["learner_model_param"]["base_score"].strip("[]"))
        margin = sum_of_trees(trees, "BRANCH_LT", math.log(prior / (1 - prior)), "margin")
        return Graph([margin, helper.make_node("Sigmoid", ["margin"], ["p"])], {})


class _Progress(xgboost.callback.TrainingCallback):
    def __init__(self, rounds: int, report: Report) -> None:
        super().__init__()
        self._rounds, self._report, self._step = rounds, report, max(1, rounds // 10)

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002
        done = epoch + 1
        if done % self._step == 0:
            self._report(done / self._rounds, f"{done} of {self._rounds} rounds")
        return False


def fit(loans: Matrix, params: Mapping[str, Any], report: Report) -> Boosting:
    """A booster of the labels on the matrix; `params` are XGBoost's, with `n_estimators` rounds."""
    settings = {"seed": 0, "base_score": float(loans.y.mean()), **params, **_FIXED}
    rounds = int(settings.pop("n_estimators", 100))
    matrix = xgboost.DMatrix(loans.x, loans.y, nthread=1)
    return Boosting(xgboost.train(settings, matrix, rounds, callbacks=[_Progress(rounds, report)]))


def _tree(grown: Mapping[str, Any]) -> Tree:
    left, right = np.array(grown["left_children"]), np.array(grown["right_children"])
    leaf, itself = left < 0, np.arange(len(left))
    # XGBoost keeps a leaf's value where a split keeps its threshold.
    values = np.array(grown["split_conditions"], np.float32)
    return Tree(
        np.where(leaf, 0, np.array(grown["split_indices"])),
        values,
        np.where(leaf, itself, left),
        np.where(leaf, itself, right),
        np.array(grown["default_left"], bool),
        values,
    )
