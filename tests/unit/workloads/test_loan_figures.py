import csv
from collections import Counter

import numpy as np
import pytest

from workloads.loan_default.figures import drawn
from workloads.loan_default.metrics import scores

RNG = np.random.default_rng(3)
Y = RNG.random(4000) < 0.2
P = np.clip(RNG.normal(0.3, 0.15, 4000) + 0.1 * Y, 0.001, 0.999)
FIGURES = drawn(P, Y)


def table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(FIGURES[name].decode().splitlines()))


def test_every_figure_is_a_table_with_a_header() -> None:
    assert {name: content.split(b"\n")[0] for name, content in FIGURES.items()} == {
        "confusion.csv": b"actual,predicted",
        "roc.csv": b"fpr,tpr,threshold",
        "calibration.csv": b"predicted,observed,loans",
    }


def test_the_confusion_has_a_line_a_loan_and_calls_as_many_bad_as_were() -> None:
    lines = table("confusion.csv")
    assert len(lines) == len(Y)
    counts = Counter((line["actual"], line["predicted"]) for line in lines)
    bad = sum(times for (_, predicted), times in counts.items() if predicted == "charged_off")
    assert abs(bad - Y.sum()) <= 1
    assert counts["charged_off", "charged_off"] + counts["charged_off", "fully_paid"] == Y.sum()


def test_the_area_under_the_curve_is_the_auc() -> None:
    lines = table("roc.csv")
    fpr, tpr = (np.array([float(line[name]) for line in lines]) for name in ("fpr", "tpr"))
    assert (fpr[0], tpr[0], fpr[-1], tpr[-1]) == (0, 0, 1, 1)
    assert (np.diff(fpr) >= 0).all()
    assert (np.diff(tpr) >= 0).all()
    assert np.trapezoid(tpr, fpr) == pytest.approx(scores(P, Y)["auc"], abs=0.002)


def test_the_groups_of_the_calibration_add_up_to_all_loans() -> None:
    lines = table("calibration.csv")
    loans = np.array([int(line["loans"]) for line in lines])
    observed, predicted = (np.array([float(line[name]) for line in lines]) for name in ("observed", "predicted"))
    assert loans.sum() == len(Y)
    assert (observed * loans).sum() == pytest.approx(Y.sum(), rel=1e-4)
    assert (np.diff(predicted) > 0).all()


def test_a_few_loans_of_one_kind_are_drawn_too() -> None:
    figures = drawn(np.array([0.2, 0.1, 0.3]), np.zeros(3, bool))
    assert figures["calibration.csv"].count(b"\n") == 4
    assert figures["confusion.csv"].count(b"fully_paid,") == 3
