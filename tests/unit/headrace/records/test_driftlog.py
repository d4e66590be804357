from datetime import UTC, datetime, timedelta

import pytest

from headrace.options.drift import Drift
from headrace.records import driftlog
from headrace.records.driftlog import Column, Entry, Held
from tests.fakes import FakeObjects, FakePlatform

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def store() -> FakeObjects:
    return FakePlatform().store


def entry(
    check: str, hours: int = 0, workload: str = "loan_default", outcome: str = "steady: nothing drifted"
) -> Entry:
    at = NOON + timedelta(hours=hours)
    return Entry(at=at, workload=workload, check=check, version=3, rows=1200, verdict="steady", outcome=outcome)


def test_checks_are_remembered_by_workload_in_the_order_of_time(store: FakeObjects) -> None:
    kept = [entry("c", 2), entry("a"), entry("b", 1)]
    for each in (*kept, entry("z", 5, workload="other")):
        driftlog.record(store, each)
    assert [each.check for each in driftlog.entries(store, "loan_default", NOON)] == ["a", "b", "c"]
    assert [each.check for each in driftlog.entries(store, "loan_default", NOON + timedelta(hours=1))] == ["b", "c"]
    assert driftlog.latest(store, "loan_default") == kept[0]


def test_the_last_checks_are_read_alone_where_no_more_are_asked_for(store: FakeObjects) -> None:
    for hour in range(5):
        driftlog.record(store, entry(f"{hour}", hour))
    assert [each.check for each in driftlog.entries(store, "loan_default", NOON, most=2)] == ["3", "4"]


def test_what_was_watched_is_remembered_column_by_column_also_where_a_number_is_none(store: FakeObjects) -> None:
    column = Column(name="dti", part="inputs", what="shape", chance=0.0, change=float("nan"), bound=1e-4, alarm=True)
    held = Held(metric="auc", now=(0.7, float("nan"), 0.8), then=(0.71, 0.69, 0.73), decayed=False)
    kept = entry("a").model_copy(update={"columns": (column,), "held": held})
    driftlog.record(store, kept)
    found = driftlog.latest(store, "loan_default")
    assert found is not None
    assert repr((found.columns, found.held)) == repr((kept.columns, kept.held))


def test_a_workload_that_was_never_checked_has_no_last_check(store: FakeObjects) -> None:
    assert driftlog.latest(store, "loan_default") is None
    assert list(driftlog.entries(store, "loan_default", NOON)) == []


def test_a_window_that_still_waits_for_rows_is_remembered_once_until_it_has_more(store: FakeObjects) -> None:
    for hour in range(5):
        driftlog.record(store, entry("a", hour, outcome="not enough: 10 rows, 1000 are needed"))
    driftlog.record(store, entry("b", 5, outcome="not enough: 20 rows, 1000 are needed"))
    assert [each.check for each in driftlog.entries(store, "loan_default", NOON)] == ["a", "b"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"min_rows": 50}, "greater than or equal to 200"),
        ({"false_alarms": 0.5}, "less than or equal to 0.1"),
        ({"in_a_row": 0}, "greater than or equal to 1"),
        ({"label_days": 0}, "greater than 0"),
        ({"budget": {"usd": -1}}, "greater than or equal to 0"),
        ({"share": 0.3}, "Extra inputs are not permitted"),
        ({"budget": {"dollars": 3}}, "Extra inputs are not permitted"),
    ],
)
def test_what_a_workload_says_of_drift_is_checked(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Drift.model_validate(given)
