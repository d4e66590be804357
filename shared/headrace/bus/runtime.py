"""A delivered event and a table of handlers in; facts published, and the delivery acknowledged by returning, out."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any, Protocol

from headrace import logs, tracing
from headrace.bus.envelope import Received, seal, unseal
from headrace.bus.triggers import Trigger
from headrace.errors import Rejected
from headrace.events import Event
from headrace.ports import Platform

log = logging.getLogger("headrace.bus.runtime")

Handler = Callable[[Any, Platform], Iterable[Event]]
Handlers = Mapping[type[Any], Handler]


class CloudEvent(Protocol):
    """As functions-framework hands it over."""

    data: Any

    def get_attributes(self) -> Mapping[str, Any]:
        """The CloudEvent's context."""


def receive(cloud_event: CloudEvent, handlers: Handlers, platform: Platform) -> None:
    """Decode, run, publish. Returning acknowledges; raising asks for the event again."""
    try:
        received = unseal(cloud_event.get_attributes(), cloud_event.data)
    except Rejected as reason:
        keep(platform, sha256(repr(cloud_event.data).encode()).hexdigest()[:32], reason)
        return
    handle(received, handlers, platform)


def handle(received: Received, handlers: Handlers, platform: Platform) -> None:
    """Give the fact to its handler and publish what it yields, one fact at a time.

    A handler goes on after a `yield` only when that fact is on the bus, so what it records there is known to be told.
    """
    with tracing.use(received.trace.child()), logs.about(received.id):
        try:
            for fact in _handler(received.fact, handlers)(received.fact, platform):
                publish(fact, platform)
        except Rejected as reason:
            keep(platform, received.id, reason)


def publish(fact: Event, platform: Platform) -> None:
    """Put one fact on the bus in the current trace."""
    platform.bus.publish(seal(fact, platform.component, platform.clock.now(), tracing.current()))
    log.info("published %s %s", fact.wire, fact.subject, extra={"published": fact.wire, "workload": fact.workload})


def keep(platform: Platform, id: str, reason: Rejected) -> None:
    """Log why a message can never succeed, and leave the reason where `headrace status` finds it."""
    log.warning("rejected: %s", reason, extra={"rejected_by": platform.component})
    record = {"event": id, "component": platform.component, "reason": str(reason)}
    name = f"rejected/{platform.component}/{sha256(id.encode()).hexdigest()[:32]}.json"
    platform.store.write(name, json.dumps(record).encode())


def _handler(fact: Event | Trigger, handlers: Handlers) -> Handler:
    if type(fact) not in handlers:
        known = ", ".join(sorted(kind.__name__ for kind in handlers))
        raise Rejected(f"nothing here handles {type(fact).__name__}; there are handlers for {known}")
    return handlers[type(fact)]
