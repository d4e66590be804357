"""Every event class is held to a real sample of itself, and to the way it is named and identified."""

import json
from datetime import UTC, datetime

import pytest

from headrace.bus.envelope import seal, unseal_attributes, unseal_message
from headrace.events import EVENTS, DatasetReady, Event, ModelPromoted, ModelRegistered
from headrace.tracing import Trace
from tests import samples

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TRACE = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
CLASSES = sorted(EVENTS.values(), key=lambda event: event.wire)
every_class = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


def sample_of(kind: type[Event]) -> Event:
    message = samples.load(f"events/{kind.topic()}").data["message"]
    fact = unseal_message(message).fact
    assert isinstance(fact, Event)
    return fact


@every_class
def test_the_sample_of_an_event_opens_as_that_event_with_the_id_and_the_trace_it_was_sent_with(
    kind: type[Event],
) -> None:
    message = samples.load(f"events/{kind.topic()}").data["message"]
    received = unseal_message(message)
    assert type(received.fact) is kind
    assert received.id == message["attributes"]["ce-id"] == received.fact.id
    assert received.trace == TRACE


@every_class
def test_an_event_that_is_sealed_and_opened_is_the_same_fact_with_the_same_id_and_trace(kind: type[Event]) -> None:
    fact = sample_of(kind)
    message = seal(fact, "tests", NOON, TRACE)
    received = unseal_attributes(message.attributes, message.data)
    assert (received.fact, received.id, received.trace) == (fact, fact.id, TRACE)


@every_class
def test_a_sealed_event_is_a_cloud_event_whose_context_is_repeated_as_attributes(kind: type[Event]) -> None:
    fact = sample_of(kind)
    message = seal(fact, "tests", NOON, TRACE)
    body = json.loads(message.data)
    for name in ("specversion", "id", "type", "source", "subject", "time", "traceparent"):
        assert message.attributes[f"ce-{name}"] == body[name]
    assert (body["specversion"], body["type"], body["source"]) == ("1.0", kind.wire, "//headrace/tests")
    assert (message.topic, message.ordering_key) == (kind.topic(), fact.workload)


@every_class
def test_fields_that_a_later_release_added_are_ignored(kind: type[Event]) -> None:
    fact = sample_of(kind)
    assert kind.model_validate({**fact.model_dump(mode="json"), "added_in_2030": {"deep": [1]}}) == fact


@every_class
def test_a_fact_does_not_change_once_it_was_told(kind: type[Event]) -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(sample_of(kind), "workload", "another")  # noqa: B010 - what the type checker forbids, and pydantic too


@every_class
def test_the_wire_name_is_prefix_noun_version_and_past_tense_verb_and_the_topic_follows_from_it(
    kind: type[Event],
) -> None:
    prefix, noun, version, verb = kind.wire.split(".")
    assert (prefix, version[0], version[1:].isdecimal()) == ("headrace", "v", True)
    assert verb.endswith(("ed", "ready"))
    assert kind.topic() == f"{noun}-{verb}"


@every_class
def test_each_of_the_fields_that_identify_an_event_makes_another_id_and_no_other_field_does(kind: type[Event]) -> None:
    fact = sample_of(kind)
    for name, value in fact.model_dump(exclude_none=True).items():
        changed = fact.model_copy(update={name: (*value, "x") if isinstance(value, tuple) else f"{value}1"})
        assert (changed.id != fact.id) == (name in {"workload", *kind.by}), name


def test_every_sample_belongs_to_an_event() -> None:
    assert samples.names("events") == sorted(f"events/{kind.topic()}" for kind in CLASSES)


def test_topics_are_distinct_so_that_the_right_to_publish_is_per_event() -> None:
    assert len({kind.topic() for kind in CLASSES}) == len(CLASSES)


def test_the_same_fact_has_the_same_id_whoever_reports_it() -> None:
    first = ModelPromoted(workload="loan_default", version=2, change=3, actor="evaluator", reason="better")
    again = ModelPromoted(workload="loan_default", version=2, change=3, actor="mlflow", reason="the alias was set")
    assert first.id == again.id


def test_two_kinds_of_fact_about_the_same_thing_have_different_ids() -> None:
    registered = ModelRegistered(workload="loan_default", version=2)
    promoted = ModelPromoted(workload="loan_default", version=2, change=2, actor="ana", reason="because")
    assert registered.subject == promoted.subject
    assert registered.id != promoted.id


def test_a_second_class_with_the_same_wire_name_is_refused_when_it_is_defined() -> None:
    with pytest.raises(TypeError, match=r"Another and DatasetReady share the wire name headrace\.dataset\.v1\.ready"):

        class Another(Event, wire=DatasetReady.wire, by=()):
            """Not to be."""

    assert EVENTS[DatasetReady.wire] is DatasetReady
