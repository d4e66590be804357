"""A bus that keeps what was published."""

from collections.abc import Callable
from threading import Lock

from headrace.bus.envelope import Received, unseal_attributes
from headrace.bus.triggers import Trigger
from headrace.events import Event
from headrace.ports import Message


class FakeBus:
    """Holds every message in the order it came; `before` is called first and may raise, as an outage would."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.before: Callable[[Message], None] = lambda _: None
        self._lock = Lock()

    def publish(self, *messages: Message) -> None:
        for message in messages:
            self.before(message)
            with self._lock:
                self.messages.append(message)

    @property
    def received(self) -> list[Received]:
        """The messages, as whoever listens would open them."""
        return [unseal_attributes(message.attributes, message.data) for message in self.messages]

    @property
    def facts(self) -> list[Event | Trigger]:
        """What was said, repeats included."""
        return [received.fact for received in self.received]
