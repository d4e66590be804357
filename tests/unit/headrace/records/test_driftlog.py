from datetime import UTC, datetime, timedelta

import pytest

from headrace.options.drift import Drift
from headrace.records import driftlog
from headrace.records.driftlog import Entry
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
        ({"share": 0.3}, "Extra inputs are not permitted"),
        ({"budget": {"dollars": 3}}, "Extra inputs are not permitted"),
    ],
)
def test_what_a_workload_says_of_drift_is_checked(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Drift.model_validate(given)
