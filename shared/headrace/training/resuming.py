"""A pause in; training under way again, and what was asked for meanwhile told once more, out."""

from collections.abc import Iterator

from headrace import tracing
from headrace.bus import runtime
from headrace.events import Event
from headrace.ports import Platform
from headrace.training import pausing


def resume(platform: Platform, actor: str, reason: str = "") -> Iterator[Event]:
    """End the pause and yield each fact that waited, as soon as it is on the bus again.

    Nothing happens before the first is asked for. Raises Rejected when there is nothing to resume.
    """
    for received in pausing.waiting(platform.store, pausing.resume(platform, actor, reason)):
        if isinstance(received.fact, Event):
            with tracing.use(received.trace):
                runtime.publish(received.fact, platform)
            yield received.fact
