"""A month until now, worked out on paper."""

from datetime import UTC, datetime, timedelta

import pytest

from headrace import catalogue
from headrace.costs import spent
from headrace.costs.month import month
from headrace.costs.spent import Month, Ran
from headrace.costs.training import hour
from headrace.costs.usage import LIGHT
from headrace.ports import Job
from tests.unit.headrace.costs import tiny
from tests.unit.headrace.costs.tiny import A_DOLLAR_AN_HOUR

BEGUN = datetime(2026, 11, 1, tzinfo=UTC)
NOW = BEGUN + timedelta(days=15)
HALF = Month.of(NOW)


def job(candidate: str = "xgboost", created: datetime = NOW, minutes: float = 26, spot: bool = True) -> Job:
    labels = {
        "training": "t",
        "workload": "loan_default",
        "candidate": candidate,
        "dataset": "9f2c41d8a7b35e60",
        "attempt": "1",
    }
    return Job(f"job-{candidate}", "SUCCEEDED", labels, created, created, "uid", spot, timedelta(minutes=minutes))


def test_a_month_is_the_calendars_and_half_of_it_is_over_after_half_of_its_days() -> None:
    assert (HALF.begun, HALF.days, HALF.share) == (BEGUN, 30, 0.5)


def test_what_happened_within_an_hour_is_not_taken_for_a_share_of_the_month() -> None:
    assert Month.of(BEGUN + timedelta(hours=1)).gone == 1


def test_a_training_costs_what_its_machine_ran_and_started_at_the_price_of_its_kind() -> None:
    listed = tiny.priced(e2_cpu_spot=1, e2_cpu=3)
    resources = catalogue.describe("loan_default").resources_of("xgboost")
    on_spot, on_others = (spent.trainings([job(spot=spot)], listed, BEGUN)[0] for spot in (True, False))
    assert on_spot.hours == pytest.approx(26 / 60)
    assert on_spot.usd == pytest.approx(0.5 * hour(resources, listed, spot=True))
    assert on_others.usd == pytest.approx(3 * on_spot.usd)


def test_every_node_of_a_training_counts() -> None:
    labels = {**job().labels, "workload": "synth_tabular", "candidate": "mlp_two_nodes"}
    (ran,) = spent.trainings(
        [Job("j", "FAILED", labels, NOW, ran=timedelta(hours=1))], tiny.priced(e2_cpu_spot=1), BEGUN
    )
    assert (ran.hours, ran.state) == (2, "FAILED")


def test_jobs_of_last_month_and_of_others_are_left_out() -> None:
    last, foreign = job(created=BEGUN - timedelta(seconds=1)), Job("x", "RUNNING", {}, NOW)
    gone = Job("y", "SUCCEEDED", {**job().labels, "workload": "removed_since"}, NOW)
    assert spent.trainings([last, foreign, gone], tiny.priced(), BEGUN) == []


def test_trainings_are_counted_and_everything_else_is_half_of_a_month_that_goes_on_like_this() -> None:
    listed = tiny.priced(run_instance_cpu=A_DOLLAR_AN_HOUR, run_request_cpu=A_DOLLAR_AN_HOUR)
    plan = tiny.plan(listed, LIGHT, schedule="0 */6 * * *")
    asked = [BEGUN + timedelta(days=day, minutes=minute) for day in range(15) for minute in (0, 10, 20)]
    found = spent.estimate(plan, HALF, [Ran("loans", "plain", "SUCCEEDED", 1.0, 7.0)], asked, requests=1500)
    assert (found.usage.predictions, found.usage.sittings, found.usage.sitting_minutes) == (100, 1, 20)
    assert found.usage.retrainings == 2
    whole = month(tiny.plan(listed, found.usage, schedule="0 */6 * * *"))
    assert found.expected == pytest.approx(whole.total + 2 * 7)
    assert found.spent == pytest.approx(whole.total / 2 + 7)


def test_a_month_without_a_request_costs_what_schedules_keep_awake() -> None:
    plan = tiny.plan(tiny.priced(run_instance_cpu=A_DOLLAR_AN_HOUR), LIGHT, schedule="0 */6 * * *")
    found = spent.estimate(plan, HALF, [], [], 0)
    assert (found.usage.predictions, found.usage.sittings, found.usage.retrainings) == (0, 0, 0)
    assert found.expected == pytest.approx(122 * (15 + 2 / 60) / 60)


def test_parts_come_with_the_largest_first_and_without_those_that_cost_nothing() -> None:
    plan = tiny.plan(tiny.priced(run_instance_cpu=A_DOLLAR_AN_HOUR, alert_condition=1), LIGHT, schedule="0 0 * * *")
    amounts = [line.usd for line in spent.estimate(plan, HALF, [], [NOW], 10).by_end]
    assert amounts == sorted(amounts, reverse=True)
    assert 0 not in amounts
