"""Each optional part adds what the month with it has more than the month without."""

import pytest

from headrace.costs import plan
from headrace.costs.month import total
from headrace.costs.options import Option, options
from headrace.costs.usage import IDLE, LIGHT
from tests.unit.headrace.costs.tiny import ROOT

DEV = plan.load(ROOT, "dev", LIGHT)
PROD = plan.load(ROOT, "prod", LIGHT)
FOUND = {environment: tuple(options(each)) for environment, each in (("dev", DEV), ("prod", PROD))}


def option(environment: str, start: str) -> Option:
    return next(each for each in FOUND[environment] if each.part.startswith(start))


def test_a_database_adds_its_machine_disk_and_backups_wherever_it_is() -> None:
    assert option("dev", "Cloud SQL (db-f1-micro)").light == pytest.approx(0.0105 * 730 + 10 * (0.17 + 0.08))
    custom = 730 * (0.0413 + 3.75 * 0.007) + 10 * (0.17 + 0.08)
    assert option("prod", "Cloud SQL (db-custom-1-3840)").light == pytest.approx(custom)


def test_a_gateway_costs_its_address_even_when_nothing_trains() -> None:
    assert option("dev", "the internet").idle == pytest.approx(730 * 0.005)
    assert option("dev", "the internet").light > 730 * 0.005


def test_a_reconciler_that_looks_every_minute_costs_the_rest_of_mlflows_month() -> None:
    added = option("prod", "the reconciler every minute").idle
    assert 30 < added < 730 * 3600 * (0.000018 + 2 * 0.000002) + 5


def test_a_service_that_never_sleeps_costs_its_month_less_what_google_gives() -> None:
    month = 730 * 3600 * (0.000018 + 0.5 * 0.000002)
    assert option("prod", "one inference service never sleeps").idle == pytest.approx(month, abs=0.01)
    assert month - 2 < option("dev", "one inference service never sleeps").idle <= month


def test_an_uptime_check_costs_next_to_nothing() -> None:
    assert 0 < option("dev", "an uptime check").light < 0.5
    assert 0 < option("prod", "an uptime check").light < 0.5


def test_a_gpu_adds_itself_and_a_larger_machine_that_is_paid_for_between_requests_too() -> None:
    an_hour = 3600 * (0.0001867 + 4 * 0.000018 + 16 * 0.000002)
    # 31 days of two sittings of 10 minutes and 15 more, and some verdicts; less what it cost by request.
    assert 25.8 * an_hour < option("dev", "one inference service on nvidia-l4").light < 30 * an_hour
    assert option("dev", "one inference service on nvidia-l4").idle == 0


def test_a_delivery_pays_for_each_image_that_is_scanned() -> None:
    assert option("dev", "each delivery").light == pytest.approx(9 * 0.26)


def test_predictions_all_day_add_nothing_where_none_are_asked() -> None:
    assert option("dev", "predictions all day").idle == 0
    assert 40 < option("dev", "predictions all day").light < 60


def test_a_workload_more_costs_its_share_of_what_is_asked() -> None:
    first = plan.Plan(DEV.topology, DEV.workloads[:1], DEV.environment, DEV.prices, LIGHT)
    others = len(DEV.workloads) - 1
    each = option("dev", "each workload beyond the first")
    assert total(first) + others * each.light == pytest.approx(total(DEV))
    assert each.idle == 0


def test_the_idle_month_is_the_cheaper_one() -> None:
    for each in (DEV, PROD):
        idle = plan.Plan(each.topology, each.workloads, each.environment, each.prices, IDLE)
        assert 0 < total(idle) < total(each)
