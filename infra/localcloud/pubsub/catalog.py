"""Topic and Subscription resources in; the same after a restart out."""

import sqlite3
from collections.abc import Iterator

from google.pubsub_v1.types import Subscription, Topic


class Catalog:
    """The resources in the database, as protocol buffers."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def topics(self) -> Iterator[Topic]:
        """Every topic."""
        for (resource,) in self._db.execute("SELECT resource FROM topics"):
            yield Topic.deserialize(resource)

    def subscriptions(self) -> Iterator[tuple[int, Subscription]]:
        """Every subscription, with the id that its deliveries carry."""
        for number, resource in self._db.execute("SELECT id, resource FROM subscriptions"):
            yield number, Subscription.deserialize(resource)

    def put_topic(self, topic: Topic) -> None:
        """Insert or replace."""
        self._db.execute("INSERT OR REPLACE INTO topics VALUES (?, ?)", (topic.name, Topic.serialize(topic)))

    def remove_topic(self, name: str) -> None:
        """Forget a topic."""
        self._db.execute("DELETE FROM topics WHERE name = ?", (name,))

    def add_subscription(self, resource: Subscription) -> int:
        """The new subscription's id, never used before."""
        query = "INSERT INTO subscriptions (name, resource) VALUES (?, ?) RETURNING id"
        number: int = self._db.execute(query, (resource.name, Subscription.serialize(resource))).fetchone()[0]
        return number

    def replace_subscription(self, number: int, resource: Subscription) -> None:
        """Overwrite a resource."""
        values = (Subscription.serialize(resource), number)
        self._db.execute("UPDATE subscriptions SET resource = ? WHERE id = ?", values)

    def remove_subscription(self, number: int) -> None:
        """Forget a subscription."""
        self._db.execute("DELETE FROM subscriptions WHERE id = ?", (number,))
