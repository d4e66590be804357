"""Months that were worked out on paper, and what makes them dearer."""

from dataclasses import replace
from typing import Any

import pytest

from headrace.costs import waking
from headrace.costs.month import Month, month, total
from headrace.costs.timeline import hours
from headrace.costs.usage import Usage
from headrace.errors import Rejected
from headrace.topology import Deployable
from tests.unit.headrace.costs import tiny
from tests.unit.headrace.costs.tiny import A_DOLLAR_AN_HOUR, NOTHING_KEPT

QUIET = Usage("quiet", **NOTHING_KEPT)
ASKED = replace(QUIET, retrainings=2, predictions=100, sittings=1, sitting_minutes=30)
AN_HOUR_OF_A_PROCESSOR = tiny.priced(run_instance_cpu=A_DOLLAR_AN_HOUR)
BY_REQUEST = tiny.priced(run_request_cpu=A_DOLLAR_AN_HOUR)
PREDICTIONS = 100 * 730 / 24
BUSY_HOURS = ((31 + 2) * 30 + PREDICTIONS / 4 + 2 * 2) / 3600
EVERY_SIX_HOURS = "0 */6 * * *"
EVERY_MINUTE = "* * * * *"


def line(found: Month, part: str) -> float:
    return next(each.usd for each in found.lines if each.part == part)


def test_an_idle_month_is_what_the_schedule_keeps_awake() -> None:
    # 30 days and 10 hours have 122 runs, each of 2 seconds, and 15 minutes later MLflow sleeps again.
    idle = month(tiny.plan(AN_HOUR_OF_A_PROCESSOR, QUIET, schedule=EVERY_SIX_HOURS))
    assert line(idle, "mlflow") == pytest.approx(122 * (15 + 2 / 60) / 60)
    assert idle.total == pytest.approx(122 * (15 + 2 / 60) / 60)


def test_a_studio_is_paid_for_while_somebody_looks_and_keeps_mlflow_awake() -> None:
    listed = tiny.priced(run_instance_cpu=A_DOLLAR_AN_HOUR, run_request_cpu=A_DOLLAR_AN_HOUR)
    plan = tiny.plan(listed, replace(QUIET, looking_minutes=60))
    uses = {"mlflow": "call", "inference": "call"}
    studio = Deployable.model_validate({"folder": "services/studio", "entry": "process", "uses": uses})
    with_it = plan.topology.model_copy(update={"deployables": {**plan.topology.deployables, "studio": studio}})
    found = month(replace(plan, topology=with_it))
    assert line(found, "studio") == pytest.approx(30)
    assert line(found, "mlflow") == pytest.approx(30 * (60 + 15) / 60)
    assert total(plan) == 0


def test_what_is_called_every_minute_never_sleeps() -> None:
    assert total(tiny.plan(AN_HOUR_OF_A_PROCESSOR, QUIET, schedule=EVERY_MINUTE)) == pytest.approx(730)


def test_without_a_schedule_and_without_a_request_nothing_is_awake() -> None:
    assert total(tiny.plan(AN_HOUR_OF_A_PROCESSOR, QUIET)) == 0


def test_a_month_of_light_use_is_as_worked_out_on_paper() -> None:
    # 31 sittings of 30 minutes and 2 verdicts wake inference for 30 seconds each; a prediction keeps it busy for a
    # quarter of a second, a verdict for two. MLflow sleeps 15 minutes after whatever asks it: the sittings, and what
    # trains a version (14 minutes) and judges it (1).
    listed = tiny.priced(run_instance_cpu=A_DOLLAR_AN_HOUR, run_request_cpu=A_DOLLAR_AN_HOUR, e2_cpu_spot=1)
    found = month(tiny.plan(listed, ASKED))
    assert line(found, "inference") == pytest.approx(BUSY_HOURS)
    assert line(found, "mlflow") == pytest.approx((31 * 45 + 2 * (14 + 1 + 15)) / 60)
    assert line(found, "training on Batch") == pytest.approx(2 * 14 / 60)
    assert found.total == pytest.approx(BUSY_HOURS + 24.25 + 2 * 14 / 60)


def test_memory_is_billed_by_the_gib_of_what_is_awake_and_of_what_is_busy() -> None:
    listed = tiny.priced(run_instance_gib=A_DOLLAR_AN_HOUR, run_request_gib=A_DOLLAR_AN_HOUR)
    found = month(tiny.plan(listed, ASKED))
    assert line(found, "mlflow") == pytest.approx(2 * 24.25)
    assert line(found, "inference") == pytest.approx(0.5 * BUSY_HOURS)


def test_requests_are_counted_where_they_are_what_is_billed() -> None:
    listed = tiny.priced(run_requests=1e6)
    assert total(tiny.plan(listed, ASKED)) == pytest.approx(PREDICTIONS + 2)
    never = tiny.workload(serving={"instance": {"least": 1}})
    assert total(tiny.plan(listed, ASKED, never)) == 0


def test_verdicts_wake_a_service_once_for_all_versions_of_a_dataset() -> None:
    two = tiny.workload(candidates={"plain": {}, "other": {}})
    found = month(tiny.plan(BY_REQUEST, replace(QUIET, retrainings=3), two))
    assert line(found, "inference") == pytest.approx((3 * 30 + 3 * 2 * 2) / 3600)


def test_what_google_gives_is_taken_off_once_and_no_more_than_was_used() -> None:
    given = AN_HOUR_OF_A_PROCESSOR.prices["run_instance_cpu"].model_copy(update={"free": 10 * 3600})
    listed = AN_HOUR_OF_A_PROCESSOR.model_copy(
        update={"prices": {**AN_HOUR_OF_A_PROCESSOR.prices, "run_instance_cpu": given}}
    )
    assert total(tiny.plan(listed, QUIET, schedule=EVERY_MINUTE)) == pytest.approx(720)
    assert total(tiny.plan(listed, QUIET)) == 0


def test_functions_are_billed_by_the_call() -> None:
    listed = tiny.priced(run_request_cpu=1, run_requests=1e6)
    assert total(tiny.plan(listed, QUIET, schedule=EVERY_SIX_HOURS)) == pytest.approx(122 * 2 + 122)


def test_a_service_that_never_sleeps_lets_mlflow_sleep_while_nobody_asks() -> None:
    never = tiny.workload(serving={"instance": {"least": 2}})
    found = month(tiny.plan(AN_HOUR_OF_A_PROCESSOR, QUIET, never))
    assert (line(found, "inference"), line(found, "mlflow")) == pytest.approx((2 * 730, 0))


def test_an_uptime_check_asks_once_a_minute_and_is_nobody_who_would_see_a_change() -> None:
    listed = tiny.priced(run_instance_cpu=A_DOLLAR_AN_HOUR, run_request_cpu=A_DOLLAR_AN_HOUR)
    found = month(tiny.plan(listed, QUIET, watched=["inference-loans"]))
    assert line(found, "inference") == pytest.approx((30 + 730 * 60 / 4) / 3600)
    assert line(found, "mlflow") == 0
    only = month(tiny.plan(listed, QUIET, watched=["mlflow"]))
    assert (line(only, "inference"), line(only, "mlflow")) == pytest.approx((0, 730))


def test_a_gpu_is_paid_for_while_its_service_is_awake() -> None:
    # 31 sittings keep it awake for 45 minutes each, and each of 2 verdicts for 15.
    gpu = {"gpu": "nvidia-l4", "cpus": 4, "memory_mib": 16384}
    found = month(tiny.plan(tiny.priced(**{"run_nvidia-l4": 1}), ASKED, tiny.workload(serving={"instance": gpu})))
    assert line(found, "inference") == pytest.approx((31 * 45 + 2 * 15) * 60)


def test_an_unknown_gpu_of_a_service_is_a_sentence_with_the_way_out() -> None:
    gpu = {"gpu": "nvidia-h900", "cpus": 4, "memory_mib": 16384}
    with pytest.raises(
        Rejected, match=r"no price 'run_nvidia-h900'; look it up and add it, or take one .*: nvidia-l4$"
    ):
        month(tiny.plan(tiny.priced(), ASKED, tiny.workload(serving={"instance": gpu})))


def test_every_part_of_the_database_is_counted() -> None:
    listed = tiny.priced(sql_cpu=1, sql_gib=1, sql_disk=100, sql_backup=10_000)
    database = {"tier": "db-custom-2-4096", "disk_gib": 20}
    zonal = tiny.plan(listed, QUIET, mlflow_backend="cloudsql", database=database)
    assert total(zonal) == pytest.approx(730 * (2 + 4) + 20 * 100 + 20 * 10_000)
    twice = tiny.plan(listed, QUIET, mlflow_backend="cloudsql", database={**database, "available": "REGIONAL"})
    assert total(twice) == pytest.approx(2 * (730 * (2 + 4) + 20 * 100) + 20 * 10_000)


@pytest.mark.parametrize("tier", ["db-n9-huge", "db-custom-1"])
def test_a_tier_without_a_price_is_a_sentence(tier: str) -> None:
    plan = tiny.plan(tiny.priced(), QUIET, mlflow_backend="cloudsql", database={"tier": tier})
    with pytest.raises(Rejected, match=f"no price 'sql_{tier}'; look it up"):
        month(plan)


TWO_NODES: dict[str, Any] = {"candidates": {"plain": {}, "wide": {"resources": {"nodes": 2}}}}


def test_nodes_that_meet_are_trained_on_whether_they_reach_the_internet_or_not() -> None:
    wide = tiny.workload(**TWO_NODES)
    assert total(tiny.plan(tiny.priced(e2_cpu_spot=1), ASKED, wide)) == pytest.approx(2 * (1 + 2) * 14 / 60)


def test_the_internet_costs_an_address_and_what_each_node_without_one_fetches() -> None:
    wide = tiny.workload(**TWO_NODES)
    listed = tiny.priced(nat_address=1, nat_vm=100, nat_gib=1000)
    assert total(tiny.plan(listed, ASKED, wide)) == 0
    assert total(tiny.plan(listed, ASKED, wide, internet=True)) == pytest.approx(730 + 2 * (2 * 14 / 60 * 100 + 1000))
    team = tiny.plan(listed, ASKED, wide, internet=True, mlflow_backend="cloudsql")
    assert total(team) == pytest.approx(730 + 2 * (3 * 14 / 60 * 100 + 2 * 1000))


def test_predictions_that_never_pause_leave_nothing_asleep() -> None:
    plan = tiny.plan(AN_HOUR_OF_A_PROCESSOR, replace(ASKED, sitting_minutes=24 * 60))
    assert hours(waking.mlflow(plan)) == hours(waking.inference(plan, plan.workloads[0])) == 730
