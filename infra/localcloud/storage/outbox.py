"""Finalized objects in; durable events for the bucket's triggers out, written in the object's own transaction."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from localcloud.storage.database import Database
from localcloud.storage.records import StoredObject
from localcloud.storage.resource import object_resource

Triggers = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Event:
    """One object's finalization for the bucket's trigger at `position`. `accepted` and `due` are seconds since 1970."""

    id: str
    bucket: str
    position: int
    subject: str
    time: str
    body: str
    accepted: float
    attempts: int
    due: float


class Outbox:
    """Events not acknowledged yet. An event belongs to the n-th trigger of its bucket, wherever that one points now."""

    def __init__(self, database: Database, triggers: Triggers, base_url: str) -> None:
        self._database = database
        self._triggers = triggers
        self._base_url = base_url
        self._wake: dict[str, list[Callable[[], None]]] = {}

    def on_event(self, bucket: str, call: Callable[[], None]) -> None:
        """Call whenever an event for `bucket` has become durable."""
        self._wake.setdefault(bucket, []).append(call)

    def add(self, finalized: StoredObject) -> None:
        """Write one event per trigger of the object's bucket."""
        if finalized.bucket not in self._triggers:
            return
        body = json.dumps(object_resource(finalized, self._base_url))
        for position in range(len(self._triggers[finalized.bucket])):
            values = (str(uuid4()), finalized.bucket, position, f"objects/{finalized.name}", finalized.updated, body)
            now = time.time()
            self._database.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)", *values, now, now)
        for call in self._wake.get(finalized.bucket, ()):
            self._database.after_commit(call)

    def waiting(self, bucket: str, position: int, limit: int) -> list[Event]:
        """The `limit` events of one trigger that are due first."""
        query = "SELECT * FROM events WHERE bucket = ? AND position = ? ORDER BY due LIMIT ?"
        return [Event(*row) for row in self._database.execute(query, bucket, position, limit)]

    def postpone(self, event: Event, due: float) -> None:
        """Count a failed attempt; the next is at `due`."""
        self._database.execute("UPDATE events SET attempts = attempts + 1, due = ? WHERE id = ?", due, event.id)

    def remove(self, event: Event) -> None:
        """The event is acknowledged, or given up."""
        self._database.execute("DELETE FROM events WHERE id = ?", event.id)

    def restart(self) -> int:
        """Make every event due now and drop those whose trigger is gone; returns how many were dropped."""
        self._database.execute("UPDATE events SET due = ?", time.time())
        dropped = 0
        for bucket, position in self._database.execute("SELECT DISTINCT bucket, position FROM events").fetchall():
            if position >= len(self._triggers.get(bucket, ())):
                orphans = "DELETE FROM events WHERE bucket = ? AND position = ?"
                dropped += self._database.execute(orphans, bucket, position).rowcount
        return dropped
