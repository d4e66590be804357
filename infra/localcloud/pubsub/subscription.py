"""A subscription's backlog and rules in; leased deliveries and their outcomes out."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from localcloud.pubsub import clock
from localcloud.pubsub.backlog import Backlog, Due
from localcloud.pubsub.backoff import Backoff
from localcloud.pubsub.bell import Bell
from localcloud.pubsub.message import Delivery, Message
from localcloud.pubsub.rules import Rules
from localcloud.sqlite import transaction

BATCH_BYTES = 10_000_000
"""About how many bytes of message data are claimed at once."""


@dataclass(eq=False, slots=True)
class Subscription:
    """One subscription while the server runs.

    `bell` rings whenever something may have become deliverable. `forward` publishes a message to a dead-letter topic,
    and answers False when there is no such topic. `closed` says that nothing may be claimed any more.
    """

    id: int
    name: str
    rules: Rules
    db: sqlite3.Connection
    backlog: Backlog
    forward: Callable[["Subscription", Message, int], bool]
    bell: Bell = field(default_factory=Bell)
    closed: bool = False

    def claim(self, limit: int, holder: int, seconds: float, max_bytes: int = BATCH_BYTES) -> list[Delivery]:
        """Lease up to `limit` due messages to `holder` for `seconds`."""
        due = list(self.backlog.due(self.id, limit, max_bytes))
        if not due:
            return []
        with transaction(self.db):
            return [self._lease(one, holder, seconds) for one in due if not self._set_aside(one)]

    def _lease(self, due: Due, holder: int, seconds: float) -> Delivery:
        self.backlog.lease(self.id, due.message.id, holder, clock.now() + int(seconds * clock.SECOND))
        return Delivery(due.message, due.attempts + 1)

    def _set_aside(self, due: Due) -> bool:
        if self._bury(due.message.id, due.attempts):
            return True
        if due.lapsed and self.rules.backoff:
            self._postpone(due.message.id, due.attempts, self.rules.backoff)
            return True
        return False

    def acknowledge(self, messages: Iterable[int]) -> None:
        """The messages are done with."""
        self.backlog.acknowledge(self.id, messages, retain=self.rules.retain_acked)
        self.bell.ring()

    def refuse(self, message: int, attempt: int, otherwise: Backoff | None = None) -> None:
        """An attempt failed: dead-letter the message, or make it due after the policy's back-off or `otherwise`."""
        if not self.backlog.is_leased(self.id, message, attempt):
            return
        with transaction(self.db):
            if not self._bury(message, attempt):
                self._postpone(message, attempt, self.rules.backoff or otherwise)
        self.bell.ring()

    def bury_exhausted(self) -> None:
        """Dead-letter what nobody acknowledged in its last attempt."""
        if self.rules.dead_letters:
            with transaction(self.db):
                for message, attempts in self.backlog.exhausted(self.id, self.rules.dead_letters.attempts):
                    self._bury(message, attempts)

    def _postpone(self, message: int, attempt: int, backoff: Backoff | None) -> None:
        delay = backoff.delay(attempt) if backoff else 0.0
        self.backlog.release(self.id, message, attempt, clock.now() + int(delay * clock.SECOND))

    def _bury(self, message: int, attempts: int) -> bool:
        policy = self.rules.dead_letters
        if policy is None or attempts < policy.attempts:
            return False
        if not self.forward(self, self.backlog.message(message), attempts):
            return False
        self.backlog.acknowledge(self.id, [message], retain=self.rules.retain_acked)
        return True

    def until_due(self) -> float | None:
        """Seconds until something is due."""
        return seconds_until(self.backlog.next_due(self.id))


def seconds_until(micros: int | None) -> float | None:
    """Seconds from now to a time, 0 when it is past, None for no time."""
    return None if micros is None else max(0.0, (micros - clock.now()) / clock.SECOND)
