import json
from collections.abc import Iterator
from typing import Any

import pytest

from headrace import tracing
from headrace.bus.envelope import Received
from headrace.bus.runtime import Handlers, handle, receive
from headrace.errors import BadData, Rejected
from headrace.events import Event, ModelRegistered, ModelRejected
from headrace.ports import Message, Platform
from tests import samples
from tests.fakes import FakePlatform
from tests.fakes.bus import FakeBus

HEARD = ModelRegistered(workload="loan_default", version=7)
FACTS = [ModelRejected(workload="loan_default", version=number, reasons=("no",)) for number in range(3)]
TRACE = tracing.parse(None, cause="upload")


def run(platform: FakePlatform, handlers: Handlers) -> None:
    handle(Received(HEARD, HEARD.id, TRACE), handlers, platform)


def kept(platform: FakePlatform) -> list[dict[str, str]]:
    return [json.loads(platform.store.read(name)) for name in platform.store.names("rejected/")]


def three(_: Event, __: Platform) -> Iterator[ModelRejected]:
    yield from FACTS


def test_what_a_handler_yields_is_published_in_order(platform: FakePlatform) -> None:
    run(platform, {ModelRegistered: three})
    assert platform.bus.facts == FACTS


def test_a_handler_that_yields_nothing_is_acknowledged(platform: FakePlatform) -> None:
    run(platform, {ModelRegistered: lambda _event, _platform: ()})
    assert platform.bus.messages == []


def test_what_is_published_carries_the_trace_component_and_time_of_its_cause(platform: FakePlatform) -> None:
    run(platform, {ModelRegistered: three})
    first = platform.bus.messages[0]
    assert first.attributes["ce-source"] == "//headrace/tests"
    assert first.attributes["ce-time"] == platform.clock.now().isoformat()
    assert {received.trace.trace_id for received in platform.bus.received} == {TRACE.trace_id}
    assert platform.bus.received[0].trace.span_id != TRACE.span_id


def test_a_handler_goes_on_after_a_yield_only_when_the_fact_is_on_the_bus(platform: FakePlatform) -> None:
    seen = []

    def handler(_: Event, __: Platform) -> Iterator[ModelRejected]:
        for fact in FACTS:
            yield fact
            seen.append(len(platform.bus.messages))

    run(platform, {ModelRegistered: handler})
    assert seen == [1, 2, 3]


def test_a_bus_that_is_down_stops_the_handler_where_it_stands_and_asks_for_the_event_again(
    platform: FakePlatform,
) -> None:
    passed = []

    def handler(_: Event, __: Platform) -> Iterator[ModelRejected]:
        for fact in FACTS:
            yield fact
            passed.append(fact)

    platform.bus.before = second_message_fails(platform.bus)
    with pytest.raises(ConnectionError):
        run(platform, {ModelRegistered: handler})
    assert platform.bus.facts == passed == FACTS[:1]


def second_message_fails(bus: FakeBus) -> Any:
    def before(_: Message) -> None:
        if bus.messages:
            raise ConnectionError("the bus is down")

    return before


@pytest.mark.parametrize("reason", [Rejected("version 7 was deleted"), BadData("version 7 was deleted")])
def test_a_message_that_can_never_succeed_is_acknowledged_and_its_reason_kept(
    reason: Rejected, platform: FakePlatform
) -> None:
    def handler(_: Event, __: Platform) -> Iterator[Event]:
        raise reason

    run(platform, {ModelRegistered: handler})
    assert kept(platform) == [{"event": HEARD.id, "component": "tests", "reason": "version 7 was deleted"}]


def test_the_same_rejected_message_is_kept_once_however_often_it_comes(platform: FakePlatform) -> None:
    for _ in range(5):
        run(platform, {})
    assert len(kept(platform)) == 1


def test_what_was_told_before_a_rejection_stays_told(platform: FakePlatform) -> None:
    def handler(_: Event, __: Platform) -> Iterator[Event]:
        yield FACTS[0]
        raise Rejected("no further")

    run(platform, {ModelRegistered: handler})
    assert platform.bus.facts == FACTS[:1]
    assert len(kept(platform)) == 1


@pytest.mark.parametrize("error", [KeyError("a bug"), ConnectionError("an outage")])
def test_any_other_exception_asks_for_the_event_again(error: Exception, platform: FakePlatform) -> None:
    def handler(_: Event, __: Platform) -> Iterator[Event]:
        raise error

    with pytest.raises(type(error)):
        run(platform, {ModelRegistered: handler})
    assert kept(platform) == []


def test_an_event_that_nothing_handles_is_kept_with_the_names_of_what_is_handled(platform: FakePlatform) -> None:
    run(platform, {ModelRejected: three})
    (record,) = kept(platform)
    assert record["reason"] == "nothing here handles ModelRegistered; there are handlers for ModelRejected"


def test_the_trace_is_current_in_the_handler_and_nobodys_afterwards(platform: FakePlatform) -> None:
    seen = []

    def handler(_: Event, __: Platform) -> Iterator[Event]:
        seen.append(tracing.current().trace_id)
        yield from ()

    run(platform, {ModelRegistered: handler})
    assert seen == [TRACE.trace_id]
    assert tracing.active() is None


class Delivered:
    """A CloudEvent as functions-framework hands it over."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def get_attributes(self) -> dict[str, Any]:
        return {"type": "google.cloud.pubsub.topic.v1.messagePublished", "id": "1"}


def test_a_delivery_is_opened_and_given_to_its_handler(platform: FakePlatform) -> None:
    heard = []

    def handler(event: Event, _: Platform) -> Iterator[Event]:
        heard.append(event)
        yield from ()

    receive(Delivered(samples.load("events/model-registered").data), {ModelRegistered: handler}, platform)
    assert heard == [ModelRegistered(workload="loan_default", version=7)]


def test_a_delivery_that_cannot_be_opened_is_acknowledged_and_kept_once(platform: FakePlatform) -> None:
    for _ in range(3):
        receive(Delivered({"message": {"data": "?"}}), {}, platform)
    (record,) = kept(platform)
    assert record["reason"] == "the message's data is not base64: '?'"


def test_a_reason_that_cannot_be_kept_is_not_acknowledged(platform: FakePlatform) -> None:
    def down(*_: str) -> None:
        raise ConnectionError("the store is down")

    platform.store.before = down
    with pytest.raises(ConnectionError):
        receive(Delivered({"message": {"data": "?"}}), {}, platform)
