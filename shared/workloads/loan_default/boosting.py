"""Gradient-boosted trees: XGBoost's, exported node by node."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import xgboost
from onnx import helper

from headrace.workload import BadData, Run

from .engines import engine
from .follower import Follower
from .graph import Graph, Tree, sum_of_trees
from .table import Table

Floats = npt.NDArray[np.float32]

_FIXED = {"objective": "binary:logistic", "tree_method": "hist"}


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

    def keep(self, folder: Path) -> tuple[Literal["xgboost"], xgboost.Booster]:
        """The booster, which is written to `model.ubj` too."""
        self.booster.save_model(folder / "model.ubj")
        return "xgboost", self.booster


def fit(loans: Table, params: Mapping[str, Any], run: Run) -> Boosting:
    """A booster of the labels on the matrix; `params` are XGBoost's, with `n_estimators` rounds.

    `engine` is memory, external or dask, and `scheduler` the address of a Dask cluster. A booster of the same kind is
    grown first without the share `validation` of the loans, whose curves the run gets.
    """
    settings = {"seed": 0, "base_score": float(loans.y.mean()), **params, **_FIXED}
    rounds = int(settings.pop("n_estimators", 100))
    held_out = int(len(loans) * _share(settings.pop("validation", 0.2)))
    with engine(settings.pop("engine", "memory"), settings.pop("scheduler", None)) as train:
        if held_out:
            # Loans lie in the order of their hashes, so that the first ones are as good as drawn by chance.
            learned, watched = loans.rows(slice(held_out, None)), loans.rows(slice(held_out))
            scored = {**settings, "eval_metric": ["auc", "logloss"]}
            train(scored, learned, watched, follower := Follower(run, rounds, 0, 0.5))
            follower.check()
        return Boosting(train(settings, loans, None, Follower(run, rounds, 0.5 if held_out else 0, 1)))


def _share(validation: object) -> float:
    if isinstance(validation, (int, float)) and 0 <= validation < 1:
        return validation
    raise BadData(
        f"validation {validation!r} is not a share of the loans; give a number from 0 to below 1, such as 0.2"
    )


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
