"""Messages as published and as delivered."""

from collections.abc import Mapping
from dataclasses import dataclass

from localcloud.pubsub import clock


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that has no id yet."""

    data: bytes
    attributes: Mapping[str, str]
    ordering_key: str


@dataclass(frozen=True, slots=True)
class Message:
    """A published message; its id is the microsecond of its publishing, made unique and increasing."""

    id: int
    data: bytes
    attributes: Mapping[str, str]
    ordering_key: str

    @property
    def publish_time(self) -> str:
        """RFC 3339 with milliseconds."""
        return clock.rfc3339(self.id)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt, counted from 1, to deliver a message to a subscription."""

    message: Message
    attempt: int
