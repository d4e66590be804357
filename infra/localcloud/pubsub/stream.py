"""A streaming pull's flow control in; how much it may be given, and when more, out."""

import sys

from google.pubsub_v1.types import StreamingPullRequest

from localcloud.pubsub.message import Delivery
from localcloud.pubsub.rules import checked_deadline
from localcloud.pubsub.subscription import BATCH_BYTES, Subscription, seconds_until

_BATCH = 100
"""Messages in one response."""


class PullStream:
    """What one client holds: at most so many messages and bytes at a time (0 or less means no limit)."""

    def __init__(self, subscription: Subscription, first: StreamingPullRequest, holder: int) -> None:
        self._subscription = subscription
        self._holder = holder
        self._deadline = checked_deadline(first.stream_ack_deadline_seconds)
        self._max_messages = _limit(first.max_outstanding_messages)
        self._max_bytes = _limit(first.max_outstanding_bytes)
        self._held: dict[int, int] = {}

    def set_deadline(self, seconds: int) -> None:
        """Lease what is claimed from now on for so long; 0 leaves it as it is."""
        self._deadline = checked_deadline(seconds) if seconds else self._deadline

    def claim(self) -> list[Delivery]:
        """The next messages that are due, as far as there is room."""
        if not self._has_room():
            return []
        limit = min(_BATCH, self._max_messages - len(self._held))
        budget = min(BATCH_BYTES, self._max_bytes - sum(self._held.values()))
        found = self._subscription.claim(limit, self._holder, self._deadline, budget)
        self._held.update({delivery.message.id: len(delivery.message.data) for delivery in found})
        return found

    def until_room(self) -> float | None:
        """Seconds until there may be more to claim, if nothing rings before."""
        if self._has_room():
            return self._subscription.until_due()
        return seconds_until(self._subscription.backlog.next_lapse(self._subscription.id, self._holder))

    def _has_room(self) -> bool:
        if len(self._held) < self._max_messages and sum(self._held.values()) < self._max_bytes:
            return True
        still = self._subscription.backlog.held(self._subscription.id, self._holder)
        self._held = {message: size for message, size in self._held.items() if message in still}
        return len(self._held) < self._max_messages and sum(self._held.values()) < self._max_bytes


def _limit(value: int) -> int:
    return value if value > 0 else sys.maxsize
