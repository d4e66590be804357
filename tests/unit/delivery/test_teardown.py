"""`headrace destroy` takes what it said it would, and leaves data where they are."""

from typing import Any

import pytest

from headrace.delivery import teardown
from tests.unit.delivery.cloud import Cloud


def resource(kind: str, name: str, key: str | None = None, needs: tuple[str, ...] = (), **attributes: Any) -> Any:
    instance = {"attributes": {"name": name, **attributes}, "dependencies": list(needs)}
    return {
        "mode": "managed",
        "type": kind,
        "name": "each",
        "instances": [{**instance, **({"index_key": key} if key else {})}],
    }


IMAGE = "europe-west1-docker.pkg.dev/my-project/headrace/evaluator:one"
STATE = [
    resource("google_storage_bucket", "my-project-data", "data"),
    {**resource("google_storage_bucket", "my-project-functions"), "name": "code"},
    resource("google_compute_network", "headrace"),
    resource("google_sql_database_instance", "headrace", needs=("google_compute_network.each",)),
    resource("google_pubsub_topic", "dataset-ready", "dataset-ready"),
    resource("google_cloud_run_v2_service", "evaluator", "evaluator", template=[{"containers": [{"image": IMAGE}]}]),
    {**resource("google_project", "my-project"), "mode": "data"},
]


@pytest.fixture
def deployed(google: Cloud) -> Cloud:
    google.project["state"] = STATE
    return google


def addresses(resources: tuple[teardown.Resource, ...]) -> list[str]:
    return [each.address for each in resources]


def test_data_and_what_they_need_stay(deployed: Cloud) -> None:
    doomed = teardown.survey(deployed.delivery(), with_data=False)
    assert addresses(doomed.staying) == [
        'google_storage_bucket.each["data"]',
        "google_compute_network.each",
        "google_sql_database_instance.each",
    ]
    assert addresses(doomed.going) == [
        "google_storage_bucket.code",
        'google_pubsub_topic.each["dataset-ready"]',
        'google_cloud_run_v2_service.each["evaluator"]',
    ]


def test_with_data_everything_goes(deployed: Cloud) -> None:
    doomed = teardown.survey(deployed.delivery(), with_data=True)
    assert doomed.staying == ()
    assert len(doomed.going) == len(STATE) - 1


def test_only_what_goes_is_a_target_and_its_guards_go_first(deployed: Cloud) -> None:
    delivery = deployed.delivery()
    doomed = teardown.survey(delivery, with_data=False)
    teardown.destroy(delivery, doomed)
    guards, destroys = (words for words in deployed.commands("terraform") if "plan" in words)
    service = 'google_cloud_run_v2_service.each["evaluator"]'
    assert targets(guards) == {"google_storage_bucket.code", service}
    assert "-var=keep=false" in guards
    assert "-destroy" not in guards
    assert targets(destroys) == set(addresses(doomed.going))
    assert "-destroy" in destroys


def targets(words: list[str]) -> set[str]:
    return {word.removeprefix("-target=") for word in words if word.startswith("-target=")}


def test_guards_are_taken_away_without_changing_what_runs(deployed: Cloud) -> None:
    assert teardown.deployed_revision(STATE) == "one"
    assert teardown.deployed_revision([]) == ""
