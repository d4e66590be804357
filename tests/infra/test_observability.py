"""What watches the cloud, in the environment without options and in the one with all of them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from headrace import loading
from tests.infra.estate import ENVIRONMENTS, Resource, applied, planned
from tests.infra.terraform import ROOT, installed, standing_in

Values = Mapping[str, Any]

pytestmark = pytest.mark.skipif(
    not installed(), reason="there is no terraform on this machine, which works out what is made"
)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Resource]:
    return planned_with(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def full() -> Sequence[Resource]:
    return applied("options")


def planned_with(folder: Path, *options: str) -> Sequence[Resource]:
    """What would be made of the environment `dev` with more variables."""
    with standing_in(ROOT / "infra", folder) as terraform:
        return planned(terraform, *ENVIRONMENTS["dev"][1], *options)


def of(resources: Sequence[Resource], kind: str) -> dict[str, Values]:
    """The resources of a type, by what each is called within it."""
    return {
        each.address.split(".", 1)[1]: each.values
        for each in resources
        if each.type in (f"google_{kind}", f"google_monitoring_{kind}")
    }


def test_without_anybody_to_tell_incidents_are_still_found(plain: Sequence[Resource]) -> None:
    policies = of(plain, "alert_policy")
    assert len(policies) >= 12
    assert not [name for name, each in policies.items() if each["notification_channels"]]
    assert not of(plain, "notification_channel")


def test_every_incident_is_told_to_the_team_by_mail_and_in_slack(full: Sequence[Resource]) -> None:
    assert {each["labels"]["email_address"] for each in of(full, "notification_channel").values()} == {
        "team@example.com"
    }
    assert {len(each["notification_channels"]) for each in of(full, "alert_policy").values()} == {2}


def test_every_policy_says_what_to_do_and_can_be_made_before_anything_was_counted(full: Sequence[Resource]) -> None:
    for name, each in of(full, "alert_policy").items():
        assert each["documentation"][0]["content"].count(". ") >= 1, name
        for condition in each["conditions"][0]["condition_prometheus_query_language"]:
            assert condition["disable_metric_validation"], name


def test_every_inference_service_has_its_objectives(plain: Sequence[Resource]) -> None:
    services = {f"inference-{name.replace('_', '-')}" for name in loading.names()}
    assert {each["service_id"] for each in of(plain, "custom_service").values()} == services
    assert len(of(plain, "slo")) == 2 * len(services)


def test_alerts_on_errors_look_at_an_hour_and_at_six_each_with_the_time_just_past(plain: Sequence[Resource]) -> None:
    (condition,) = of(plain, "alert_policy")['each["errors"]']["conditions"]
    query = condition["condition_prometheus_query_language"][0]["query"]
    assert [query.count(f"[{window}])) > {bound}") for window, bound in (("1h", 0.144), ("5m", 0.144))] == [1, 1]
    assert [query.count(f"[{window}])) > {bound}") for window, bound in (("6h", 0.06), ("30m", 0.06))] == [1, 1]


def test_only_what_never_sleeps_or_was_named_is_asked_from_outside(
    plain: Sequence[Resource], full: Sequence[Resource]
) -> None:
    assert not of(plain, "uptime_check_config")
    (check,) = of(full, "uptime_check_config").values()
    assert check["display_name"] == "mlflow"
    assert check["http_check"][0]["service_agent_authentication"] == [{"type": "OIDC_TOKEN"}]
    (watcher,) = [each for name, each in of(full, "cloud_run_v2_service_iam_member").items() if "watcher" in name]
    assert watcher["name"] == "mlflow"
    assert "gcp-sa-monitoring-notification" in watcher["member"]


def test_a_budget_that_stops_training_reports_to_the_topic_that_the_trainer_hears(full: Sequence[Resource]) -> None:
    (budget,) = of(full, "billing_budget").values()
    assert budget["all_updates_rule"][0]["pubsub_topic"].endswith("/budget")
    assert [each["threshold_percent"] for each in budget["threshold_rules"]] == [0.5, 0.9, 1, 1]
    assert of(full, "pubsub_subscription")['push["trainer-budget"]']["topic"].endswith("/budget")


def test_without_stop_a_budget_only_tells_people(tmp_path: Path) -> None:
    told = '-var=budget={billing_account="000000-000000-000000",amount=20}'
    (budget,) = of(planned_with(tmp_path, told), "billing_budget").values()
    assert budget["all_updates_rule"][0]["pubsub_topic"] is None


def test_the_dashboard_has_no_two_tiles_in_one_place(plain: Sequence[Resource]) -> None:
    (dashboard,) = of(plain, "dashboard").values()
    tiles = json.loads(dashboard["dashboard_json"])["mosaicLayout"]["tiles"]
    cells = [
        (x, y)
        for each in tiles
        for x in range(each["xPos"], each["xPos"] + each["width"])
        for y in range(each["yPos"], each["yPos"] + each["height"])
    ]
    assert len(tiles) == 13
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 48
