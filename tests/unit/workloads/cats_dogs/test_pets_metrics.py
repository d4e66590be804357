import csv
import math
from io import StringIO

import numpy as np
import pytest
from sklearn import metrics as sk

from headrace.images import opened
from workloads.cats_dogs.curves import confusion, curve
from workloads.cats_dogs.figures import draw
from workloads.cats_dogs.metrics import scores

RANDOM = np.random.default_rng(0)
Y = RANDOM.random(400) < 0.4
P = np.clip(RANDOM.normal(0.4 + 0.25 * Y, 0.2), 0, 1).round(2)


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(data.decode())))


def test_scores_are_those_that_everybody_computes() -> None:
    called = P > 0.5
    precision, recall, f1, _ = sk.precision_recall_fscore_support(Y, called, average="binary")
    assert scores(P, Y) == pytest.approx(
        {
            "accuracy": sk.accuracy_score(Y, called),
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "auc": sk.roc_auc_score(Y, P),
            "log_loss": sk.log_loss(Y, np.clip(P, 1e-7, 1 - 1e-7)),
        }
    )


def test_the_order_of_the_rows_does_not_matter() -> None:
    order = RANDOM.permutation(len(P))
    assert scores(P[order], Y[order]) == pytest.approx(scores(P, Y))


@pytest.mark.parametrize("truth", [True, False])
def test_one_class_alone_has_scores_without_a_warning(truth: bool) -> None:
    found = scores(P, np.full(len(P), truth))
    assert math.isnan(found["auc"])
    assert found["recall"] == pytest.approx((P > 0.5).mean() if truth else 0)


def test_nothing_called_a_dog_has_no_precision() -> None:
    found = scores(np.full(4, 0.2), np.array([True, False, False, True]))
    assert (found["precision"], found["recall"], found["f1"], found["auc"]) == (0, 0, 0, 0.5)


def test_the_confusion_matrix_has_a_row_for_each_truth() -> None:
    y = np.array([False, False, False, True, True])
    assert confusion(np.array([0.1, 0.9, 0.2, 0.3, 0.8]), y).tolist() == [[2, 1], [1, 1]]


def test_the_curves_end_where_everything_is_called_a_dog() -> None:
    found = curve(P, Y)
    assert (np.diff(found.thresholds) < 0).all()
    assert found.recall[-1] == found.false_positives[-1] == 1
    assert found.precision[-1] == pytest.approx(Y.mean())


def test_figures_show_what_the_scores_say() -> None:
    files = draw(P, Y)
    assert set(files) == {"confusion.png", "confusion.csv", "roc.csv", "precision_recall.csv"}
    assert opened(files["confusion.png"]).format != ""
    lines = table(files["confusion.csv"])
    right = sum(line["actual"] == line["predicted"] for line in lines)
    assert right / len(P) == pytest.approx(scores(P, Y)["accuracy"])
    assert sum(line["actual"] == "dog" for line in lines) == Y.sum()
    roc = table(files["roc.csv"])
    area = np.trapezoid([float(row["tpr"]) for row in roc], [float(row["fpr"]) for row in roc])
    assert area == pytest.approx(scores(P, Y)["auc"])
    at_half = [row for row in table(files["precision_recall.csv"]) if float(row["threshold"]) > 0.5][-1]
    assert float(at_half["precision"]) == pytest.approx(scores(P, Y)["precision"])


def test_curves_of_many_pictures_are_thinned() -> None:
    p = RANDOM.random(5000)
    rows = table(draw(p, RANDOM.random(5000) < p)["roc.csv"])
    assert len(rows) == 501
    assert rows[-1]["tpr"] == rows[-1]["fpr"] == "1.0"
