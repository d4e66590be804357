"""Pub/Sub, as far as a component publishes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """What the bus carries: bytes, attributes, and the key within which order is kept."""

    topic: str
    data: bytes
    attributes: Mapping[str, str] = field(default_factory=dict)
    ordering_key: str = ""


class Bus(Protocol):
    """Pub/Sub, as far as a component publishes."""

    def publish(self, *messages: Message) -> None:
        """Return when the service has every message; topics are named without their project.

        Raises Unavailable when it does not take them all; it may have some of them then.
        """
