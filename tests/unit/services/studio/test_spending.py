import json
from datetime import UTC, datetime, timedelta

import pytest

from headrace import catalogue
from headrace.errors import Rejected
from headrace.training.jobs import Training, training_job
from services.studio.reading import spending, traffic
from tests.fakes import FakePlatform

from .keeping import W, answered

BEGUN = datetime(2026, 3, 1, tzinfo=UTC)


def line(workload: str = W, **more: object) -> dict[str, object]:
    return {"workload": workload, "version": 1, "instances": [{"a": 1}], "predictions": [{"label": "x"}], **more}


def test_requests_are_counted_where_all_of_the_log_is_read() -> None:
    platform = FakePlatform()
    answered(platform, BEGUN, line(), line("sentiment"), line(shadow=True))
    answered(platform, BEGUN + timedelta(hours=3), line())
    found = traffic.of(platform.audit, BEGUN)
    assert found.requests == {W: 2, "sentiment": 1}
    assert (found.objects, found.total, found.is_counted) == (2, 3, True)
    assert found.moments == [BEGUN, BEGUN + timedelta(hours=3)]


def test_last_months_requests_are_not_counted() -> None:
    platform = FakePlatform()
    answered(platform, BEGUN - timedelta(seconds=1), line())
    assert traffic.of(platform.audit, BEGUN).total == 0


def test_requests_are_estimated_by_length_where_only_some_objects_are_read() -> None:
    platform = FakePlatform()
    for minute in range(3 * traffic.SAMPLE):
        answered(platform, BEGUN + timedelta(minutes=minute), *[line()] * 5)
    found = traffic.of(platform.audit, BEGUN)
    assert not found.is_counted
    assert found.total == pytest.approx(15 * traffic.SAMPLE)


def test_a_line_that_was_cut_off_weighs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "SAMPLE_BYTES", 250)
    platform = FakePlatform()
    answered(platform, BEGUN, *[line()] * 40)
    found = traffic.of(platform.audit, BEGUN)
    assert found.read < 250
    assert found.total == pytest.approx(40)


def test_a_workload_that_logs_a_share_had_more_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    told = catalogue.describe(W)
    half = told.model_copy(update={"serving": told.serving.model_copy(update={"log_share": 0.5})})
    monkeypatch.setattr(catalogue, "describe", lambda _name: half)
    platform = FakePlatform()
    answered(platform, BEGUN, line())
    assert traffic.of(platform.audit, BEGUN).requests == {W: 2}


def test_what_is_no_line_of_the_log_is_passed_over() -> None:
    platform = FakePlatform()
    platform.audit.write("predictions/2026-03-01T09:00:00+00:00_a.jsonl", b'{"workload": "x"\n[]\n{}\n')
    assert traffic.of(platform.audit, BEGUN).total == 0


def test_a_month_has_its_trainings_its_requests_and_a_price() -> None:
    platform = FakePlatform()
    training = Training.of(W, "9f2c41d8a7b35e60", "xgboost")
    platform.jobs.submit(training_job(catalogue.describe(W), training))
    platform.jobs.end(training.job, "SUCCEEDED", timedelta(minutes=30))
    answered(platform, platform.clock.now(), line())
    found = spending.of(platform, "dev")
    assert [(each.workload, each.hours) for each in found.ran] == [(W, 0.5)]
    assert found.traffic.total == 1
    assert 0 < found.estimate.spent < found.estimate.expected
    assert found.budget is None
    assert found.report is None


def test_an_unknown_environment_is_named() -> None:
    with pytest.raises(Rejected, match=r"infra/environments/moon\.tfvars"):
        spending.of(FakePlatform(), "moon")


def test_googles_last_report_on_this_months_budget_is_shown() -> None:
    platform = FakePlatform()
    for day, cost in ((1, 3.5), (2, 7.25)):
        report = {
            "budgetDisplayName": "headrace",
            "costAmount": cost,
            "budgetAmount": 20.0,
            "currencyCode": "EUR",
            "costIntervalStart": "2026-03-01T00:00:00Z",
        }
        platform.audit.write(f"budget/2026-03-0{day}T07:00:00+00:00_x.jsonl", json.dumps(report).encode())
    found = spending.of(platform, "dev").report
    assert found
    assert (found.cost, found.amount, found.currency) == (7.25, 20, "EUR")


def test_a_late_report_on_last_month_is_not_taken_for_this_months() -> None:
    platform = FakePlatform()
    late = {
        "costAmount": 19.0,
        "budgetAmount": 20.0,
        "currencyCode": "USD",
        "costIntervalStart": "2026-02-01T08:00:00Z",
    }
    platform.audit.write("budget/2026-03-01T07:00:00+00:00_x.jsonl", json.dumps(late).encode())
    assert spending.of(platform, "dev").report is None
