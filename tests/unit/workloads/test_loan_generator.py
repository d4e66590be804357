from collections import Counter
from statistics import mean

import pytest

from workloads.loan_default.generator import month
from workloads.loan_default.schema import AFTERWARDS, BY_NAME, PERSONAL, SETTLED


def test_the_same_month_drift_and_seed_give_the_same_loans() -> None:
    assert list(month(50, "2024-01", 0.3, 7)) == list(month(50, "2024-01", 0.3, 7))


@pytest.mark.parametrize("other", [("2024-02", 0.0, 7), ("2024-01", 0.5, 7), ("2024-01", 0.0, 8)])
def test_another_month_drift_or_seed_gives_other_loans(other: tuple[str, float, int]) -> None:
    assert list(month(50, "2024-01", 0.0, 7)) != list(month(50, *other))


def test_a_longer_month_starts_with_the_shorter_one() -> None:
    assert list(month(60, "2024-01", 0.0, 7))[:50] == list(month(50, "2024-01", 0.0, 7))


def test_every_field_and_the_traps_of_the_real_file_are_there() -> None:
    rows = list(month(500, "2024-01", 0.0, 7))
    assert set(BY_NAME) <= set(rows[0])
    assert {"emp_title", "zip_code", "url"} <= PERSONAL & set(rows[0])
    assert {"recoveries", "total_pymnt", "last_fico_range_low"} <= AFTERWARDS & set(rows[0])
    assert {row["term"] for row in rows} == {" 36 months", " 60 months"}
    assert all(row["int_rate"].endswith("%") for row in rows)
    assert {row["issue_d"] for row in rows} == {"Jan-2024"}
    assert any(row["mths_since_last_delinq"] == "" for row in rows)
    assert any(row["loan_status"].lower() not in SETTLED for row in rows)


def test_drift_moves_incomes_down_and_debts_rates_and_risky_purposes_up() -> None:
    calm, stormy = (list(month(2000, "2024-01", drift, 7)) for drift in (0.0, 0.8))
    assert mean(row["annual_inc"] for row in stormy) < 0.8 * mean(row["annual_inc"] for row in calm)
    assert mean(row["dti"] or 0 for row in stormy) > 1.2 * mean(row["dti"] or 0 for row in calm)
    rates = [mean(float(row["int_rate"].strip(" %")) for row in rows) for rows in (calm, stormy)]
    assert rates[1] > rates[0] + 1.5
    purposes = [Counter(row["purpose"] for row in rows)["small_business"] for rows in (calm, stormy)]
    assert purposes[1] > 3 * purposes[0]


def test_a_drift_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match="drift 3 is not between 0 and 1"):
        next(month(1, "2024-01", 3, 0))
