"""What Eventarc, Pub/Sub, Batch and Cloud Scheduler send, and what each entry point answers."""

import json

import pytest

from headrace import wiring
from headrace.events import (
    ChallengerNamed,
    DatasetReady,
    DatasetRejected,
    DriftDetected,
    Event,
    ModelPromoted,
    ModelRegistered,
    ModelRejected,
    ModelUnserved,
    RetrainRequested,
    TrainingFailed,
)
from headrace.training import pausing
from tests import samples
from tests.fakes import FakePlatform
from tests.samples import Sample

from .conftest import LOOP, Entry, post

BEHIND_HTTP = [name for name, each in LOOP.deployables.items() if each.entry in ("cloud_event", "http")]
LISTENING = [name for name, each in LOOP.deployables.items() if each.entry == "cloud_event"]


def push(event: type[Event]) -> Sample:
    return samples.load(f"events/{event.topic()}")


@pytest.mark.parametrize("name", BEHIND_HTTP)
def test_an_entry_point_is_loaded_before_anything_is_configured(
    name: str, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_early(*_: str) -> wiring.GoogleCloud:
        raise AssertionError("settings were asked for while loading")

    monkeypatch.setattr(wiring, "on_gcp", too_early)
    assert entry(name).get("/robots.txt").status_code in (404, 405)


@pytest.mark.parametrize("name", LISTENING)
def test_a_message_that_can_never_succeed_is_acknowledged_and_its_reason_kept(
    name: str, entry: Entry, platform: FakePlatform
) -> None:
    assert post(entry(name), samples.load("pubsub-push-without-attributes")) == 200
    (kept,) = platform.store.names("rejected/tests/")
    assert "not JSON" in json.loads(platform.store.read(kept))["reason"]


@pytest.mark.parametrize("name", LISTENING)
def test_an_event_that_is_not_for_this_deployable_is_acknowledged_and_its_reason_kept(
    name: str, entry: Entry, platform: FakePlatform
) -> None:
    sample = samples.load("events/batch-scored")
    assert post(entry(name), sample) == 200
    (kept,) = platform.store.names("rejected/tests/")
    record = json.loads(platform.store.read(kept))
    assert record["event"] == sample.data["message"]["attributes"]["ce-id"]
    assert record["reason"].startswith("nothing here handles BatchScored; there are handlers for")


@pytest.mark.parametrize("name", LISTENING)
def test_an_outage_answers_500_so_that_the_message_comes_again(name: str, entry: Entry, platform: FakePlatform) -> None:
    def down(*_: object) -> None:
        raise ConnectionError("the store is down")

    platform.store.before = down
    assert post(entry(name), samples.load("pubsub-push-without-attributes")) == 500


def test_ingest_answers_eventarcs_storage_event_with_a_dataset_version(entry: Entry, platform: FakePlatform) -> None:
    sample = samples.load("storage-object-finalized")
    single = {**sample.data, "name": "loan_default/loans.pdf"}
    platform.data.write("loan_default/loans.pdf", b"%PDF-1.7")
    assert post(entry("ingest"), Sample(sample.headers, json.dumps(single).encode())) == 200
    (told,) = platform.bus.received
    assert isinstance(told.fact, DatasetRejected)
    assert told.trace.traceparent.startswith("00-4bf92f3577b34da6a3ce929d0e0e4736-")


def test_ingest_takes_no_notice_of_a_file_whose_folder_has_no_marker_yet(entry: Entry, platform: FakePlatform) -> None:
    assert post(entry("ingest"), samples.load("storage-object-finalized")) == 200
    assert not platform.bus.messages


def test_trainer_answers_a_pushed_dataset_with_one_job_a_candidate(entry: Entry, platform: FakePlatform) -> None:
    assert post(entry("trainer"), push(DatasetReady)) == 200
    assert sorted(job.labels["candidate"] for job in platform.jobs.list()) == [
        "logistic_regression",
        "random_forest",
        "xgboost",
    ]


def test_trainer_answers_batchs_notice_of_a_failed_job(entry: Entry, platform: FakePlatform) -> None:
    client = entry("trainer")
    post(client, push(DatasetReady))
    platform.jobs.end(failed_job(), "FAILED")
    assert post(client, samples.load("batch-job-failed")) == 200
    (fact,) = platform.bus.facts
    assert isinstance(fact, TrainingFailed)
    assert fact.job == failed_job()


def failed_job() -> str:
    name: str = samples.load("batch-job-failed").data["message"]["attributes"]["JobName"]
    return name.rsplit("/", 1)[-1]


def test_trainer_answers_a_spent_budget_by_training_nothing_until_it_is_resumed(
    entry: Entry, platform: FakePlatform
) -> None:
    client = entry("trainer")
    assert [post(client, samples.load("budget-half")), post(client, push(DatasetReady))] == [200, 200]
    before = len(platform.jobs.list())
    assert [post(client, samples.load("budget-spent")) for _ in range(5)] == [200] * 5
    assert [post(client, push(kind)) for kind in (DriftDetected, RetrainRequested)] == [200, 200]
    assert len(platform.jobs.list()) == before > 0
    assert len(pausing.history(platform.store)) == 1


def test_notify_tells_people_of_a_spent_budget_once(entry: Entry, platform: FakePlatform) -> None:
    client = entry("notify")
    assert [post(client, samples.load("budget-half")), *(post(client, samples.load("budget-spent")) for _ in range(5))]
    (told,) = platform.people.told
    assert told.text.startswith("of the budget headrace, 50 EUR for the month from 2026-03-01, 50.08 EUR are spent: ")
    assert "`headrace resume` goes on" in told.text


def test_evaluator_acknowledges_a_version_that_is_gone(entry: Entry, platform: FakePlatform) -> None:
    assert post(entry("evaluator"), push(ModelRegistered)) == 200
    (kept,) = platform.store.names("rejected/")
    assert "loan_default has no version 7; it was deleted" in platform.store.read(kept).decode()


@pytest.mark.parametrize(
    "event", [DatasetRejected, TrainingFailed, ModelRejected, ModelPromoted, ModelUnserved, ChallengerNamed]
)
def test_notify_tells_people_of_a_pushed_event_once(event: type[Event], entry: Entry, platform: FakePlatform) -> None:
    client = entry("notify")
    assert [post(client, push(event)) for _ in range(3)] == [200, 200, 200]
    assert [told.event for told in platform.people.told] == [push(event).data["message"]["attributes"]["ce-id"]]


def test_reconcile_answers_cloud_schedulers_event(entry: Entry, platform: FakePlatform) -> None:
    platform.registry.register("loan_default", "run", "nowhere", {})
    platform.clock.advance(hours=1)
    assert post(entry("reconcile"), samples.load("scheduler-due")) == 200
    assert platform.bus.facts == [ModelRegistered(workload="loan_default", version=1)]
