"""Every functions-framework entry point over HTTP, in process: what it is sent, and what it answers."""

import hmac
import json
import sys
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from functions_framework import create_app

from headrace import settings, topology, wiring
from headrace.events import (
    DatasetReady,
    DatasetRejected,
    Event,
    ModelPromoted,
    ModelRegistered,
    ModelRejected,
    TrainingFailed,
)
from tests import samples
from tests.fakes import FakePlatform
from tests.samples import SECRET, Sample

ROOT = Path(__file__).parents[2]
LOOP = topology.load(ROOT / "infra" / "topology.yaml")
BEHIND_HTTP = [name for name, each in LOOP.deployables.items() if each.entry in ("cloud_event", "http")]
LISTENING = [name for name, each in LOOP.deployables.items() if each.entry == "cloud_event"]

Entry = Callable[[str], Any]


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def entry(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """A client of one deployable, loaded as functions-framework loads it, on the fakes."""

    def on_fakes(*needs: str) -> wiring.GoogleCloud:
        settings.load(*needs, environ=platform.settings.environment())
        return platform.cloud()

    def client(name: str) -> Any:
        return create_app("main", str(ROOT / LOOP.deployables[name].folder / "main.py")).test_client()

    monkeypatch.setattr(wiring, "on_gcp", on_fakes)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setitem(sys.modules, "main", sys.modules[__name__])
    return client


def post(client: Any, sample: Sample) -> int:
    return int(client.post("/", headers=sample.headers, data=sample.body).status_code)


def push(event: type[Event]) -> Sample:
    return samples.load(f"events/{event.topic()}")


def signed(sample: Sample, at: datetime, secret: str = SECRET) -> Sample:
    """The delivery as MLflow would have signed it at another time or with another secret."""
    delivery, timestamp = sample.headers["X-MLflow-Delivery-Id"], str(int(at.timestamp()))
    digest = hmac.digest(secret.encode(), f"{delivery}.{timestamp}.".encode() + sample.body, sha256)
    signature = "v1," + b64encode(digest).decode()
    return Sample(sample.headers | {"X-MLflow-Timestamp": timestamp, "X-MLflow-Signature": signature}, sample.body)


def webhook(platform: FakePlatform, name: str) -> Sample:
    """MLflow's delivery as it was captured; the platform's clock says that it was sent just now."""
    sample = samples.load(f"mlflow/{name}")
    platform.clock.at = datetime.fromtimestamp(int(sample.headers["X-MLflow-Timestamp"]), UTC)
    return sample


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


def test_evaluator_acknowledges_a_version_that_is_gone(entry: Entry, platform: FakePlatform) -> None:
    assert post(entry("evaluator"), push(ModelRegistered)) == 200
    (kept,) = platform.store.names("rejected/")
    assert "loan_default has no version 7; it was deleted" in platform.store.read(kept).decode()


@pytest.mark.parametrize("event", [DatasetRejected, TrainingFailed, ModelRejected, ModelPromoted])
def test_notify_tells_people_of_a_pushed_event_once(event: type[Event], entry: Entry, platform: FakePlatform) -> None:
    client = entry("notify")
    assert [post(client, push(event)) for _ in range(3)] == [200, 200, 200]
    assert [told.event for told in platform.people.told] == [push(event).data["message"]["attributes"]["ce-id"]]


def test_reconcile_answers_cloud_schedulers_event(entry: Entry, platform: FakePlatform) -> None:
    platform.registry.register("loan_default", "run", "nowhere", {})
    platform.clock.advance(hours=1)
    assert post(entry("reconcile"), samples.load("scheduler-due")) == 200
    assert platform.bus.facts == [ModelRegistered(workload="loan_default", version=1)]


def test_registry_hook_turns_mlflows_new_version_into_an_event_in_the_trace_of_its_training(
    entry: Entry, platform: FakePlatform
) -> None:
    assert post(entry("registry_hook"), webhook(platform, "model_version.created")) == 200
    (told,) = platform.bus.received
    assert told.fact == ModelRegistered(workload="loan_default", version=1)
    assert told.trace.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"


def test_registry_hook_turns_mlflows_champion_alias_into_a_promotion(entry: Entry, platform: FakePlatform) -> None:
    platform.registry.register("loan_default", "run", "nowhere", {})
    platform.registry.set_alias("loan_default", "champion", 1)
    assert post(entry("registry_hook"), webhook(platform, "model_version_alias.created")) == 200
    (fact,) = platform.bus.facts
    assert isinstance(fact, ModelPromoted)
    assert (fact.version, fact.change, fact.actor) == (1, 1, "mlflow")


@pytest.mark.parametrize("name", ["registered_model.created", "model_version_tag.set", "model_version_alias.deleted"])
def test_registry_hook_answers_204_to_what_the_loop_does_not_follow(
    name: str, entry: Entry, platform: FakePlatform
) -> None:
    assert post(entry("registry_hook"), webhook(platform, name)) == 204
    assert not platform.bus.messages


def test_registry_hook_answers_401_to_a_delivery_signed_with_another_secret(
    entry: Entry, platform: FakePlatform
) -> None:
    sample = webhook(platform, "model_version.created")
    assert post(entry("registry_hook"), signed(sample, platform.clock.now(), secret="a guess")) == 401
    assert not platform.bus.messages


def test_registry_hook_answers_401_to_a_body_that_was_changed_by_one_byte(entry: Entry, platform: FakePlatform) -> None:
    sample = webhook(platform, "model_version.created")
    forged = sample.body.replace(b'"version": "1"', b'"version": "2"')
    assert forged != sample.body
    assert post(entry("registry_hook"), Sample(sample.headers, forged)) == 401


@pytest.mark.parametrize("header", ["X-MLflow-Signature", "X-MLflow-Timestamp", "X-MLflow-Delivery-Id"])
def test_registry_hook_answers_401_to_a_delivery_that_lacks_a_header(
    header: str, entry: Entry, platform: FakePlatform
) -> None:
    sample = webhook(platform, "model_version.created")
    headers = {key: value for key, value in sample.headers.items() if key != header}
    assert post(entry("registry_hook"), Sample(headers, sample.body)) == 401


@pytest.mark.parametrize(("minutes", "answer"), [(4.9, 200), (5.1, 401), (-4.9, 200), (-5.1, 401)])
def test_registry_hook_answers_401_to_a_delivery_dated_more_than_five_minutes_from_now(
    minutes: float, answer: int, entry: Entry, platform: FakePlatform
) -> None:
    sample = webhook(platform, "model_version.created")
    platform.clock.advance(minutes=minutes)
    assert post(entry("registry_hook"), sample) == answer


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{", b"{}", b'{"entity": "model_version", "action": "created", "data": {}}']
)
def test_registry_hook_answers_400_to_a_signed_body_that_is_no_webhook_event(
    body: bytes, entry: Entry, platform: FakePlatform
) -> None:
    headers = webhook(platform, "model_version.created").headers
    assert post(entry("registry_hook"), signed(Sample(headers, body), platform.clock.now())) == 400


def test_registry_hook_answers_500_while_the_bus_is_down_and_the_retry_is_heard(
    entry: Entry, platform: FakePlatform
) -> None:
    def down(_: object) -> None:
        raise ConnectionError("the bus is down")

    client, sample = entry("registry_hook"), webhook(platform, "model_version.created")
    platform.bus.before = down
    assert post(client, sample) == 500
    platform.bus.before = lambda _: None
    assert post(client, sample) == 200
    assert platform.bus.facts == [ModelRegistered(workload="loan_default", version=1)]


def test_a_delivery_to_registry_hook_that_is_replayed_changes_nothing(entry: Entry, platform: FakePlatform) -> None:
    platform.registry.register("loan_default", "run", "nowhere", {})
    platform.registry.set_alias("loan_default", "champion", 1)
    client, sample = entry("registry_hook"), webhook(platform, "model_version_alias.created")
    assert post(client, sample) == 200
    state = platform.store.names()
    assert [post(client, sample) for _ in range(4)] == [200] * 4
    assert platform.store.names() == state
    assert len(platform.bus.messages) == 1
