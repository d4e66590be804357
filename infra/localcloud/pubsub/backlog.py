"""Messages and what each subscription still has to deliver in; what is due out; all of it in SQLite."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from localcloud.pubsub import clock
from localcloud.pubsub.database import BLOCKED
from localcloud.pubsub.message import Draft, Message
from localcloud.sqlite import transaction


@dataclass(frozen=True, slots=True)
class Due:
    """A message that may be delivered now, after `attempts` attempts; `lapsed` when the last one's lease ran out."""

    message: Message
    attempts: int
    lapsed: bool


class Backlog:
    """The messages of all topics and the deliveries of all subscriptions; times are microseconds since 1970."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._last_id: int = db.execute("SELECT coalesce(max(id), 0) FROM messages").fetchone()[0]

    def store(self, draft: Draft) -> Message:
        """Keep a message under a new id."""
        message = self.identify(draft)
        attributes = json.dumps(dict(message.attributes))
        row = (message.id, message.data, attributes, message.ordering_key)
        self._db.execute("INSERT INTO messages VALUES (?, ?, ?, ?)", row)
        return message

    def identify(self, draft: Draft) -> Message:
        """Give a draft the next id without keeping it."""
        self._last_id = max(self._last_id + 1, clock.now())
        return Message(self._last_id, draft.data, draft.attributes, draft.ordering_key)

    def message(self, message: int) -> Message:
        """A stored message."""
        query = "SELECT id, data, attributes, ordering_key FROM messages WHERE id = ?"
        return _message(*self._db.execute(query, (message,)).fetchone())

    def enqueue(self, subscription: int, message: int, ordering_key: str) -> None:
        """Make a stored message due, or blocked behind an earlier one with the same non-empty `ordering_key`."""
        blocked = bool(ordering_key) and self._head(subscription, ordering_key) is not None
        row = (subscription, message, ordering_key, BLOCKED if blocked else message)
        self._db.execute("INSERT INTO deliveries (subscription, message, ordering_key, due) VALUES (?, ?, ?, ?)", row)

    def due(self, subscription: int, limit: int, max_bytes: int) -> Iterator[Due]:
        """Up to `limit` messages that are due, oldest first, until their data exceeds `max_bytes`; one at least."""
        rows = self._db.execute(
            "SELECT m.id, m.data, m.attributes, m.ordering_key, d.attempt, d.holder FROM deliveries d "
            "JOIN messages m ON m.id = d.message WHERE d.subscription = ? AND d.due <= ? "
            "ORDER BY d.due, d.message LIMIT ?",
            (subscription, clock.now(), limit),
        )
        for message_id, data, attributes, ordering_key, attempts, holder in rows:
            yield Due(_message(message_id, data, attributes, ordering_key), attempts, lapsed=holder is not None)
            max_bytes -= len(data)
            if max_bytes <= 0:
                return

    def next_due(self, subscription: int) -> int | None:
        """When the next message is due."""
        return self._one("SELECT min(due) FROM deliveries WHERE subscription = ? AND due < ?", subscription, BLOCKED)

    def exhausted(self, subscription: int, attempts: int) -> list[tuple[int, int]]:
        """Messages, with their attempts, that are due again after `attempts` (5 at least) attempts."""
        query = (
            "SELECT message, attempt FROM deliveries "
            "WHERE subscription = ? AND attempt >= 5 AND attempt >= ? AND due <= ?"
        )
        return self._db.execute(query, (subscription, attempts, clock.now())).fetchall()

    def next_exhausted(self, subscription: int, attempts: int) -> int | None:
        """When the next lease ends of a message that has had `attempts` (5 at least) attempts."""
        query = "SELECT min(due) FROM deliveries WHERE subscription = ? AND attempt >= 5 AND attempt >= ? AND due < ?"
        return self._one(query, subscription, attempts, BLOCKED)

    def next_lapse(self, subscription: int, holder: int) -> int | None:
        """When the first of the leases of `holder` ends."""
        query = "SELECT min(due) FROM deliveries WHERE subscription = ? AND holder = ? AND due > ?"
        return self._one(query, subscription, holder, clock.now())

    def is_leased(self, subscription: int, message: int, attempt: int) -> bool:
        """Whether the lease of that attempt is still the message's."""
        query = "SELECT 1 FROM deliveries WHERE subscription = ? AND message = ? AND attempt = ? AND holder IS NOT NULL"
        return self._db.execute(query, (subscription, message, attempt)).fetchone() is not None

    def held(self, subscription: int, holder: int) -> set[int]:
        """The messages that `holder` has on lease."""
        query = "SELECT message FROM deliveries WHERE subscription = ? AND holder = ? AND due > ?"
        return {row[0] for row in self._db.execute(query, (subscription, holder, clock.now()))}

    def ready(self, subscription: int) -> tuple[int, int, int | None]:
        """How many messages are due, their bytes, and the first one's id."""
        query = (
            "SELECT count(*), coalesce(sum(length(m.data)), 0), min(m.id) FROM deliveries d "
            "JOIN messages m ON m.id = d.message WHERE d.subscription = ? AND d.due <= ?"
        )
        count, size, first = self._db.execute(query, (subscription, clock.now())).fetchone()
        return count, size, first

    def lease(self, subscription: int, message: int, holder: int, until: int) -> None:
        """Count an attempt, and keep the message from others until `until`."""
        self._db.execute(
            "UPDATE deliveries SET due = ?, holder = ?, attempt = attempt + 1 WHERE subscription = ? AND message = ?",
            (until, holder, subscription, message),
        )

    def extend(self, subscription: int, message: int, attempt: int, until: int) -> None:
        """Move the end of a lease; nothing happens when it is over."""
        self._db.execute(
            "UPDATE deliveries SET due = ? WHERE subscription = ? AND message = ? AND attempt = ? "
            "AND holder IS NOT NULL AND due IS NOT NULL",
            (until, subscription, message, attempt),
        )

    def release(self, subscription: int, message: int, attempt: int, due: int) -> None:
        """End a lease without an acknowledgement; the message is due again at `due`."""
        self._db.execute(
            "UPDATE deliveries SET due = ?, holder = NULL WHERE subscription = ? AND message = ? AND attempt = ? "
            "AND holder IS NOT NULL AND due IS NOT NULL",
            (due, subscription, message, attempt),
        )

    def abandon(self, subscription: int, holder: int) -> None:
        """End the leases of a holder that is gone, as if their attempts had not been made."""
        self._db.execute(
            "UPDATE deliveries SET due = message, holder = NULL, attempt = attempt - 1 "
            "WHERE subscription = ? AND holder = ? AND due IS NOT NULL",
            (subscription, holder),
        )

    def acknowledge(self, subscription: int, messages: Iterable[int], *, retain: bool) -> None:
        """Settle deliveries for good; unblock what waited for them."""
        with transaction(self._db):
            for message in messages:
                self._settle(subscription, message, retain=retain)

    def _settle(self, subscription: int, message: int, *, retain: bool) -> None:
        key = (subscription, message)
        row = self._db.execute(
            "SELECT ordering_key FROM deliveries WHERE subscription = ? AND message = ? AND due IS NOT NULL", key
        ).fetchone()
        if row is None:
            return
        if retain:
            query = "UPDATE deliveries SET due = NULL, holder = NULL WHERE subscription = ? AND message = ?"
            self._db.execute(query, key)
        else:
            self._db.execute("DELETE FROM deliveries WHERE subscription = ? AND message = ?", key)
            self._drop_undelivered("id = ?", message)
        if row[0] and (head := self._head(subscription, row[0])) is not None:
            self._db.execute(
                "UPDATE deliveries SET due = message WHERE subscription = ? AND message = ? AND due = ?",
                (subscription, head, BLOCKED),
            )

    def seek(self, subscription: int, time: int, *, retain: bool) -> None:
        """Mark messages published before `time` acknowledged, and retained ones from then on due again."""
        with transaction(self._db):
            if retain:
                query = "UPDATE deliveries SET due = NULL, holder = NULL WHERE subscription = ? AND message < ?"
                self._db.execute(query, (subscription, time))
            else:
                self._discard(subscription, time)
            query = "UPDATE deliveries SET due = message, holder = NULL WHERE subscription = ? AND message >= ?"
            self._db.execute(query, (subscription, time))
            self._block_behind_heads(subscription)

    def expire(self, subscription: int, before: int) -> bool:
        """Drop messages published before `before`; whether there were any."""
        with transaction(self._db):
            found = self._discard(subscription, before)
            if found:
                self._block_behind_heads(subscription)
        return found

    def drop(self, subscription: int) -> None:
        """Forget a subscription's deliveries."""
        self._discard(subscription, BLOCKED)

    def _discard(self, subscription: int, before: int) -> bool:
        query = "DELETE FROM deliveries WHERE subscription = ? AND message < ?"
        found = self._db.execute(query, (subscription, before)).rowcount > 0
        if found:
            self._drop_undelivered("id < ?", before)
        return found

    def _drop_undelivered(self, which: str, value: int) -> None:
        query = "DELETE FROM messages WHERE {} AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.message = id)"
        self._db.execute(query.format(which), (value,))

    def _head(self, subscription: int, ordering_key: str) -> int | None:
        row = self._db.execute(
            "SELECT message FROM deliveries INDEXED BY deliveries_key WHERE subscription = ? AND ordering_key = ? "
            "AND ordering_key != '' AND due IS NOT NULL ORDER BY message LIMIT 1",
            (subscription, ordering_key),
        ).fetchone()
        return row[0] if row else None

    def _block_behind_heads(self, subscription: int) -> None:
        earlier = (
            "EXISTS (SELECT 1 FROM deliveries e INDEXED BY deliveries_key WHERE e.subscription = d.subscription "
            "AND e.ordering_key = d.ordering_key AND e.ordering_key != '' AND e.message < d.message "
            "AND e.due IS NOT NULL)"
        )
        every = "UPDATE deliveries AS d SET due = {} WHERE subscription = ? AND ordering_key != '' AND due {} AND {}"
        self._db.execute(every.format(BLOCKED, "IS NOT NULL", earlier), (subscription,))
        self._db.execute(every.format("message", f"= {BLOCKED}", f"NOT {earlier}"), (subscription,))

    def _one(self, query: str, *values: object) -> int | None:
        value: int | None = self._db.execute(query, values).fetchone()[0]
        return value


def _message(message_id: int, data: bytes, attributes: str, ordering_key: str) -> Message:
    return Message(message_id, data, json.loads(attributes), ordering_key)
