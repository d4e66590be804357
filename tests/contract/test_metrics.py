"""`infra/metrics.yaml` against the log: every filter counts a line that the code really writes, and no other."""

import io
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Request
from mlflow.entities.webhook import Webhook, WebhookAction, WebhookEntity, WebhookEvent
from mlflow.store.entities.paged_list import PagedList
from mlflow.webhooks.delivery import deliver_webhook
from werkzeug.test import EnvironBuilder

from functions.registry_hook import main as registry_hook
from headrace import logs
from headrace.bus import runtime
from headrace.errors import Rejected
from headrace.events import EVENTS, DatasetReady
from headrace.ports import JobSpec
from headrace.training import overdue
from services.inference.telling.announcements import Announcements
from services.mlflow import webhooks
from tests.fakes import FakePlatform
from tests.flow.waiting import eventually
from tests.unit.services.test_mlflow_webhooks import HOOK, Server, server

__all__ = ["server"]

INFRA = Path(__file__).parents[2] / "infra"
METRICS: Mapping[str, Any] = yaml.safe_load((INFRA / "metrics.yaml").read_text())
READY = DatasetReady(workload="loan_default", dataset="9f2c41d8a7b35e60", manifest="gs://local-headrace-store/m.json")

Entry = dict[str, Any]
Entries = Callable[[], list[Entry]]


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> Iterator[Entries]:
    """What Cloud Logging makes of the lines that were written on Cloud Run since the test began."""
    root, library, stream = logging.getLogger(), logging.getLogger("mlflow"), io.StringIO()
    before = [(each, each.handlers[:], each.level, each.propagate) for each in (root, library)]
    root.handlers = []
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure("acme-mlops", "mlflow")
    try:
        yield lambda: [entry(json.loads(line)) for line in stream.getvalue().splitlines()]
    finally:
        for logger, handlers, level, propagate in before:
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(level)


def entry(line: dict[str, Any]) -> Entry:
    """A line of JSON as an entry: what Cloud Logging knows goes to fields of its own, the rest is the payload."""
    known = {"severity": line.pop("severity"), "timestamp": line.pop("time")}
    return {**known, "jsonPayload": line, "resource": {"type": "cloud_run_revision"}}


def holds(condition: str, found: Entry) -> bool:
    """Whether an entry meets one condition of Cloud Logging's query language, as far as the metrics use it."""
    parts = re.fullmatch(r'([\w.]+)(?::(\*)|(=~?)"(.*)")', condition)
    assert parts, f"{condition} is no condition that this test understands"
    field, is_any, operator, wanted = parts.groups()
    value = value_of(field, found)
    if is_any or value is None:
        return value is not None
    return bool(re.search(wanted, value)) if operator == "=~" else value == wanted


def value_of(field: str, found: Any) -> str | None:
    for name in field.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found if found is None else str(found)


def counted(found: list[Entry]) -> list[str]:
    """The metrics that count one of the entries, each as often as it does; with them they have all their labels."""
    matched = [
        (name, each) for each in found for name in METRICS if all(holds(one, each) for one in METRICS[name]["filter"])
    ]
    for name, each in matched:
        assert all(value_of(field, each) for field in METRICS[name]["labels"].values()), (name, each)
    return [name for name, _ in matched]


def refuse(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]) -> None:
    """Send the registry hook something that it cannot believe."""
    monkeypatch.setattr(registry_hook, "on_gcp", lambda *_: platform.cloud())
    sent = EnvironBuilder(method="POST", headers=headers.items(), data=b"{}").get_environ()
    assert registry_hook.main(Request(sent))[1] == 401


def test_a_published_fact_is_counted_by_its_kind_and_workload(platform: FakePlatform, entries: Entries) -> None:
    runtime.publish(READY, platform)
    assert counted(entries()) == ["facts"]
    (found,) = entries()
    labels = {label: value_of(field, found) for label, field in METRICS["facts"]["labels"].items()}
    assert labels == {"fact": "headrace.dataset.v1.ready", "workload": "loan_default"}


def test_a_fact_that_the_inference_service_publishes_is_counted_alike(platform: FakePlatform, entries: Entries) -> None:
    Announcements(platform).tell(READY)
    eventually(entries, "a line about what was published", within=10)
    assert counted(entries()) == ["facts"]


def test_a_message_that_can_never_succeed_is_counted(platform: FakePlatform, entries: Entries) -> None:
    runtime.keep(platform, "event-1", Rejected("no workload named 'loans'"))
    assert counted(entries()) == ["rejections"]


def test_a_delivery_of_mlflows_that_is_not_believed_is_counted(
    platform: FakePlatform, entries: Entries, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(platform, monkeypatch, {"X-MLflow-Delivery-Id": "d-1", "X-MLflow-Signature": "v1,of another secret"})
    assert counted(entries()) == ["webhooks_refused"]


def test_what_strangers_try_is_not_counted(
    platform: FakePlatform, entries: Entries, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(platform, monkeypatch, {})
    assert len(entries()) == 1
    assert counted(entries()) == []


class Store:
    """As much of MLflow's registry as delivering asks: one webhook, to where nobody listens."""

    def list_webhooks_by_event(self, event: WebhookEvent, **_: object) -> PagedList[Webhook]:
        return PagedList([Webhook("w-1", "hook", "http://127.0.0.1:9/", [event], 0, 0, secret="a secret")], None)


def test_a_webhook_that_mlflow_cannot_deliver_is_counted(entries: Entries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_WEBHOOK_ALLOWED_SCHEMES", "http,https")
    monkeypatch.setenv("MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS", "true")
    monkeypatch.setenv("MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES", "0")
    event = WebhookEvent(WebhookEntity.MODEL_VERSION, WebhookAction.CREATED)
    deliver_webhook(event=event, payload={"name": "loan_default", "version": "1"}, store=Store())
    eventually(lambda: "webhooks_undelivered" in counted(entries()), "MLflow gave the webhook up", within=20)


def test_a_webhook_that_mlflow_does_not_register_is_counted(
    server: Server, entries: Entries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "REST_SECONDS", (0.01, 0.01))
    server.refusals = 2
    webhooks.register(server.url, HOOK, "secret")
    assert counted(entries()) == ["webhooks_undelivered"] * 2


def test_a_job_that_should_be_over_is_counted(platform: FakePlatform, entries: Entries) -> None:
    labels = {"training": "job-1", "workload": "loan_default", "candidate": "xgboost", "dataset": "d", "attempt": "1"}
    platform.jobs.submit(JobSpec("job-1", [], labels, cpus=1, memory_mib=512, max_minutes=1))
    platform.clock.advance(days=2)
    overdue.warn(platform.jobs.list(), platform.clock.now())
    assert counted(entries()) == ["jobs_overdue"]


def test_an_ordinary_line_is_not_counted(entries: Entries) -> None:
    logging.getLogger("headrace.tests").error("the sky is falling")
    assert len(entries()) == 1
    assert counted(entries()) == []


@pytest.mark.parametrize("file", ["alerts.tf", "dashboard.yaml"])
def test_what_people_are_shown_and_told_of_names_metrics_and_facts_that_there_are(file: str) -> None:
    text = (INFRA / file).read_text()
    names = set(re.findall(r"(?:user_headrace|local\.counted})_(\w+)", text))
    facts = {fact for group in re.findall(r"fact=~?'([^']*)'", text) for fact in group.split("|")}
    assert names == set(METRICS) - ({"jobs_overdue"} if file == "dashboard.yaml" else set())
    assert facts
    assert facts <= set(EVENTS)
