import math
from time import perf_counter

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from workloads.loan_default.metrics import scores

RNG = np.random.default_rng(3)
Y = RNG.random(5000) < 0.2
P = np.clip(RNG.normal(0.3, 0.15, 5000) + 0.1 * Y, 0.001, 0.999)


@pytest.mark.parametrize("p", [P, P.round(1).clip(0.1, 0.9), np.full(5000, 0.4)])
def test_scores_agree_with_scikit_learn_ties_included(p: np.typing.NDArray[np.float64]) -> None:
    found = scores(p, Y)
    assert found["auc"] == pytest.approx(roc_auc_score(Y, p))
    assert found["average_precision"] == pytest.approx(average_precision_score(Y, p))
    assert found["log_loss"] == pytest.approx(log_loss(Y, p))
    assert found["brier"] == pytest.approx(brier_score_loss(Y, p))


def test_one_class_has_no_auc_and_no_warning() -> None:
    assert math.isnan(scores(P, np.zeros(5000, bool))["auc"])
    assert math.isnan(scores(P, np.ones(5000, bool))["auc"])


def test_a_certain_mistake_costs_a_finite_loss() -> None:
    assert scores(np.array([0.0, 1.0]), np.array([True, False]))["log_loss"] < 20


def test_scores_do_not_depend_on_the_order_of_rows() -> None:
    order = RNG.permutation(5000)
    assert scores(P[order], Y[order]) == pytest.approx(scores(P, Y))


def test_ten_thousand_rows_are_scored_in_milliseconds() -> None:
    p, y = np.tile(P, 2), np.tile(Y, 2)

    def once() -> float:
        start = perf_counter()
        scores(p, y)
        return perf_counter() - start

    assert min(once() for _ in range(20)) < 0.01
