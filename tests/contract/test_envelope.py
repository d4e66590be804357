"""The forms in which events reach the platform, as their senders write them."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.http import from_http

from headrace.bus.envelope import PUSHED, Received, unseal
from headrace.bus.triggers import (
    AliasRemoved,
    AliasSet,
    BudgetReported,
    JobEnded,
    ObjectFinalized,
    ScheduleDue,
    VersionCreated,
    from_webhook,
)
from headrace.errors import Rejected
from headrace.events import DatasetReady
from services.mlflow import webhooks
from tests import samples
from tests.samples import Sample

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


def delivered(sample: Sample) -> Received:
    """What the runtime makes of a CloudEvent in binary mode."""
    event = from_http(sample.headers, sample.body)
    return unseal(event.get_attributes(), event.data)


def pushed(name: str) -> Received:
    """What the runtime makes of a wrapped push, as functions-framework passes it on."""
    return unseal({"type": PUSHED, "id": "1"}, {"message": samples.load(name).data["message"]})


def message(data: Any, **attributes: str) -> dict[str, Any]:
    return {"message": {"data": b64encode(json.dumps(data).encode()).decode(), "attributes": attributes}}


def test_eventarcs_storage_event_names_the_object_with_its_generation_and_continues_the_uploads_trace() -> None:
    received = delivered(samples.load("storage-object-finalized"))
    assert received.fact == ObjectFinalized(
        bucket="acme-mlops-data",
        name="loan_default/2026-02/loans.csv",
        generation=1772438412345678,
        size=1048576,
        metadata={"traceparent": f"00-{TRACE_ID}-00f067aa0ba902b7-01"},
    )
    assert received.id == "gs://acme-mlops-data/loan_default/2026-02/loans.csv#1772438412345678"
    assert received.trace.trace_id == TRACE_ID


def test_an_upload_without_a_trace_begins_one_which_every_delivery_of_it_shares() -> None:
    sample = samples.load("storage-object-finalized")
    plain = {key: value for key, value in sample.data.items() if key != "metadata"}
    first, second = (delivered(Sample(sample.headers, json.dumps(plain).encode())) for _ in range(2))
    assert first.trace == second.trace
    assert first.trace.trace_id != TRACE_ID


def test_cloud_schedulers_event_names_the_schedule_that_came_due() -> None:
    assert delivered(samples.load("scheduler-due")).fact == ScheduleDue(schedule="reconcile")


@pytest.mark.parametrize("form", ["structured", "binary"])
def test_a_pushed_cloud_event_opens_alike_in_both_of_its_forms(form: str) -> None:
    received = pushed(f"pubsub-push-{form}")
    assert received.fact == DatasetReady(
        workload="loan_default",
        dataset="9f2c41d8a7b35e60",
        manifest="gs://acme-mlops-store/datasets/loan_default/9f2c41d8a7b35e60/manifest.json",
    )
    assert received.id == received.fact.id
    assert received.trace.trace_id == TRACE_ID


def test_a_pushed_message_without_attributes_is_rejected() -> None:
    with pytest.raises(Rejected, match='not JSON: b"hello from somebody\'s test"'):
        pushed("pubsub-push-without-attributes")


@pytest.mark.parametrize("state", ["FAILED", "SUCCEEDED"])
def test_batchs_notice_says_which_job_ended_and_how(state: str) -> None:
    received = pushed(f"batch-job-{state.lower()}")
    assert isinstance(received.fact, JobEnded)
    assert received.fact.state == state
    assert received.fact.job.startswith("loan-default-xgboost-")
    assert received.id == f"{received.fact.job}/{state}"


def test_cloud_billings_report_says_what_was_spent_of_which_budget_since_when() -> None:
    received = pushed("budget-half")
    assert received.fact == BudgetReported(
        budget="de72f49d-779b-4945-a127-4d6ce8def0bb",
        name="headrace",
        cost=27.31,
        amount=50,
        currency="EUR",
        since=datetime(2026, 3, 1, 8, tzinfo=UTC),
    )
    assert received.id == "de72f49d-779b-4945-a127-4d6ce8def0bb/2026-03/50/27.31"


def test_all_reports_on_one_month_of_a_budget_have_one_key_and_one_trace() -> None:
    half, spent = pushed("budget-half"), pushed("budget-spent")
    assert isinstance(half.fact, BudgetReported)
    assert isinstance(spent.fact, BudgetReported)
    assert (half.fact.key, half.trace) == (spent.fact.key, spent.trace)
    assert half.id != spent.id


def test_a_report_that_lacks_what_a_budget_costs_is_rejected() -> None:
    with pytest.raises(Rejected, match="costAmount"):
        unseal({"type": PUSHED, "id": "1"}, message({"budgetDisplayName": "headrace"}, budgetId="b-1"))


def test_mlflows_new_version_is_a_trigger_with_its_tags() -> None:
    trigger = from_webhook(samples.load("mlflow/model_version.created").data)
    assert isinstance(trigger, VersionCreated)
    assert (trigger.name, trigger.version, trigger.tags["headrace.candidate"]) == ("loan_default", 1, "xgboost")


def test_mlflows_new_version_without_tags_is_a_trigger_too() -> None:
    trigger = from_webhook(samples.load("mlflow/model_version.created-without-tags").data)
    assert trigger == VersionCreated(name="loan_default", version=2)


def test_mlflows_alias_is_a_trigger() -> None:
    trigger = from_webhook(samples.load("mlflow/model_version_alias.created").data)
    assert trigger == AliasSet(name="loan_default", alias="champion", version=1)


def test_the_removal_of_mlflows_alias_is_a_trigger_that_knows_no_version() -> None:
    trigger = from_webhook(samples.load("mlflow/model_version_alias.deleted").data)
    assert trigger == AliasRemoved(name="loan_default", alias="champion")


def test_what_mlflow_is_asked_to_send_is_what_is_followed() -> None:
    asked = {f"{event.entity.value}.{event.action.value}" for event in webhooks.EVENTS}
    assert asked == {"model_version.created", "model_version_alias.created", "model_version_alias.deleted"}
    assert all(from_webhook(samples.load(f"mlflow/{name}").data) for name in asked)


@pytest.mark.parametrize("name", ["registered_model.created", "model_version_tag.set"])
def test_mlflows_other_events_are_not_followed(name: str) -> None:
    assert from_webhook(samples.load(f"mlflow/{name}").data) is None


def test_an_event_nobody_knows_is_rejected_with_the_names_of_those_there_are() -> None:
    with pytest.raises(Rejected, match=r"no event named 'headrace\.model\.v9\.sold'; there are headrace\.approval\.v1"):
        unseal({"type": "headrace.model.v9.sold", "id": "1"}, {})


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"message": {"data": "not base64!"}},
        {"message": {"data": b64encode(b"\xff\xfe").decode()}},
        {"message": {"attributes": {"ce-type": "headrace.model.v1.registered"}}},
        message(None, **{"content-type": "application/cloudevents+json"}),
        message(["a list"], **{"content-type": "application/cloudevents+json"}),
        message({"type": "headrace.model.v1.registered"}, **{"content-type": "application/cloudevents+json"}),
        message({"workload": "loan_default"}, **{"ce-type": "headrace.model.v1.registered", "ce-id": "1"}),
        message({"workload": 1, "version": "x"}, **{"ce-type": "headrace.model.v1.registered", "ce-id": "1"}),
    ],
)
def test_a_message_that_can_never_be_understood_is_rejected_and_not_raised_as_a_bug(data: Any) -> None:
    with pytest.raises(Rejected):
        unseal({"type": PUSHED, "id": "1"}, data)


@pytest.mark.parametrize("data", [{"message": None}, {"message": "text"}, {"message": {"attributes": ["a", "list"]}}])
def test_a_message_of_the_wrong_shape_is_rejected_and_not_raised_as_a_bug(data: Any) -> None:
    with pytest.raises(Rejected):
        unseal({"type": PUSHED, "id": "1"}, data)
