"""A CloudEvent in any of the forms it reaches us in; a typed fact with its id and trace out, and the way back."""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from headrace import tracing
from headrace.bus.triggers import BudgetReported, JobEnded, ObjectFinalized, ScheduleDue, Trigger
from headrace.errors import Rejected
from headrace.events import EVENTS, Event
from headrace.ports import Message
from headrace.tracing import Trace

PUSHED = "google.cloud.pubsub.topic.v1.messagePublished"
FINALIZED = "google.cloud.storage.object.v1.finalized"
DUE = "headrace.schedule.v1.due"
STRUCTURED = "application/cloudevents+json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Received:
    """A fact as it arrived: what it says, its id (the same on every delivery) and the trace it belongs to."""

    fact: Event | Trigger
    id: str
    trace: Trace


def seal(event: Event, source: str, time: datetime, trace: Trace) -> Message:
    """The event as a structured CloudEvent, with its context repeated as attributes, which filters can see."""
    context = {
        "specversion": "1.0",
        "id": event.id,
        "type": event.wire,
        "source": f"//headrace/{source}",
        "subject": event.subject,
        "time": time.isoformat(),
        "traceparent": trace.traceparent,
    }
    body = context | {"datacontenttype": "application/json", "data": event.model_dump(mode="json")}
    attributes = {f"ce-{name}": value for name, value in context.items()}
    attributes |= {"content-type": STRUCTURED, "workload": event.workload}
    return Message(event.topic(), json.dumps(body).encode(), attributes, ordering_key=event.workload)


def unseal(context: Mapping[str, Any], data: Any) -> Received:
    """Open a CloudEvent delivered by Eventarc, Cloud Scheduler or a wrapped Pub/Sub push. Raises Rejected."""
    try:
        match context.get("type"):
            case kind if kind == PUSHED:
                return unseal_message(data["message"])
            case kind if kind == FINALIZED:
                return _finalized(data)
            case kind if kind == DUE:
                fact = ScheduleDue(schedule=str(context.get("subject", "")))
                return Received(fact, str(context["id"]), tracing.parse(context.get("traceparent")))
            case kind:
                return _event(str(kind), str(context.get("id")), context.get("traceparent"), data)
    except (ValidationError, KeyError, TypeError, AttributeError) as error:
        raise Rejected(f"not an event this platform knows: {error}") from error


def unseal_message(message: Mapping[str, Any]) -> Received:
    """Open a Pub/Sub message as a push delivers it: a CloudEvent in its data or attributes, or a notice of Google's."""
    return unseal_attributes(message.get("attributes") or {}, _decoded(message.get("data", "")))


def unseal_attributes(attributes: Mapping[str, Any], data: bytes) -> Received:
    """Open a Pub/Sub message as a pull delivers it."""
    if "NewJobState" in attributes:
        job = attributes.get("JobName", "").rsplit("/", 1)[-1]
        fact = JobEnded(job=job, state=attributes["NewJobState"])
        return Received(fact, f"{job}/{fact.state}", tracing.parse(None, cause=job))
    payload = _json(data)
    if "budgetId" in attributes:
        return _budget(attributes["budgetId"], payload)
    if str(attributes.get("content-type", "")).startswith("application/cloudevents+json"):
        return _event(payload["type"], payload["id"], payload.get("traceparent"), payload["data"])
    return _event(
        str(attributes.get("ce-type")), str(attributes.get("ce-id")), attributes.get("ce-traceparent"), payload
    )


def _event(wire: str, id: str, traceparent: str | None, data: Any) -> Received:
    if wire not in EVENTS:
        raise Rejected(f"no event named {wire!r}; there are {', '.join(sorted(EVENTS))}")
    return Received(EVENTS[wire].model_validate(data), id, tracing.parse(traceparent, cause=id))


def _finalized(data: Mapping[str, Any]) -> Received:
    fact = ObjectFinalized.model_validate(data)
    return Received(fact, fact.uri, tracing.parse(fact.metadata.get("traceparent"), cause=fact.uri))


def _budget(budget: str, data: Mapping[str, Any]) -> Received:
    fact = BudgetReported(
        budget=budget,
        name=data["budgetDisplayName"],
        cost=data["costAmount"],
        amount=data["budgetAmount"],
        currency=data["currencyCode"],
        since=data["costIntervalStart"],
    )
    return Received(fact, f"{fact.key}/{fact.cost:g}", tracing.parse(None, cause=fact.key))


def _decoded(data: str) -> bytes:
    try:
        return b64decode(data, validate=True)
    except (Base64Error, ValueError) as error:
        raise Rejected(f"the message's data is not base64: {data[:80]!r}") from error


def _json(data: bytes) -> Any:
    try:
        return json.loads(data or b"null")
    except ValueError as error:
        raise Rejected(f"the message's data is not JSON: {data[:80]!r}") from error
