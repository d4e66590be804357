"""Topics and subscriptions in; published messages fanned out to each subscription's deliverer."""

import asyncio
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from google.pubsub_v1.types import Subscription as Resource
from google.pubsub_v1.types import Topic

from localcloud.pubsub import clock
from localcloud.pubsub.backlog import Backlog
from localcloud.pubsub.catalog import Catalog
from localcloud.pubsub.deadletters import dead_letter
from localcloud.pubsub.deliverers import Deliverers
from localcloud.pubsub.message import Draft, Message
from localcloud.pubsub.names import DELETED_TOPIC
from localcloud.pubsub.refusals import already_exists, failed_precondition, not_found
from localcloud.pubsub.rules import rules_of, with_defaults
from localcloud.pubsub.subscription import Subscription
from localcloud.sqlite import transaction

_SWEEP = 60
"""Seconds between two looks for messages past their retention."""

_log = logging.getLogger(__name__)


class Broker:
    """All that the server serves; `storage` is the base URL of the Cloud Storage JSON API, if there is one."""

    def __init__(self, db: sqlite3.Connection, storage: str | None) -> None:
        self._db = db
        self._catalog = Catalog(db)
        self._backlog = Backlog(db)
        self._deliverers = Deliverers(storage)
        self._topics: dict[str, Topic] = {topic.name: topic for topic in self._catalog.topics()}
        self._resources: dict[str, Resource] = {}
        self._live: dict[str, Subscription] = {}
        self._changing = asyncio.Lock()
        self._sweeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Take up deliveries where the last process left them."""
        for number, resource in self._catalog.subscriptions():
            self._attach(number, resource)
        self._sweeper = asyncio.create_task(self._sweep())

    async def close(self) -> None:
        """Stop delivering; what is not acknowledged is delivered after the next start."""
        if self._sweeper:
            self._sweeper.cancel()
        await self._deliverers.close()

    @property
    def topics(self) -> Mapping[str, Topic]:
        """By name."""
        return MappingProxyType(self._topics)

    @property
    def subscriptions(self) -> Mapping[str, Resource]:
        """By name."""
        return MappingProxyType(self._resources)

    def topic(self, name: str) -> Topic:
        """NOT_FOUND when there is none."""
        if name not in self._topics:
            raise not_found(name)
        return self._topics[name]

    def resource(self, name: str) -> Resource:
        """NOT_FOUND when there is none."""
        if name not in self._resources:
            raise not_found(name)
        return self._resources[name]

    def live(self, name: str) -> Subscription:
        """A subscription to claim from. NOT_FOUND when there is none."""
        self.resource(name)
        return self._live[name]

    def put_topic(self, topic: Topic) -> Topic:
        """Create or overwrite."""
        self._catalog.put_topic(topic)
        self._topics[topic.name] = topic
        return topic

    def remove_topic(self, name: str) -> None:
        """Delete a topic; its subscriptions keep what they have."""
        self.topic(name)
        with transaction(self._db):
            self._catalog.remove_topic(name)
            for subscription in list(self._live.values()):
                if subscription.rules.topic == name:
                    self._orphan(subscription)
        del self._topics[name]

    def _orphan(self, subscription: Subscription) -> None:
        resource = self._resources[subscription.name]
        resource.topic = DELETED_TOPIC
        self._catalog.replace_subscription(subscription.id, resource)
        subscription.rules = rules_of(resource)

    def add_subscription(self, resource: Resource) -> Resource:
        """Create a subscription and start delivering."""
        if resource.name in self._resources:
            raise already_exists(resource.name)
        self.topic(resource.topic)
        shown = self._checked(resource)
        self._attach(self._catalog.add_subscription(shown), shown)
        return shown

    async def replace_subscription(self, resource: Resource) -> Resource:
        """Change a subscription; deliveries under way start again when their rules changed."""
        shown = self._checked(resource)
        async with self._changing:
            if shown != self.resource(resource.name):
                old = self._live[resource.name]
                self._catalog.replace_subscription(old.id, shown)
                await self._deliverers.stop(old)
                self._attach(old.id, shown)
        return shown

    async def remove_subscription(self, name: str) -> None:
        """Delete a subscription and its backlog."""
        async with self._changing:
            subscription = self.live(name)
            await self._deliverers.stop(subscription)
            del self._resources[name], self._live[name]
            with transaction(self._db):
                self._catalog.remove_subscription(subscription.id)
                self._backlog.drop(subscription.id)

    def publish(self, topic: str, drafts: Sequence[Draft]) -> list[int]:
        """Keep the messages for every subscription they match; their ids, once that is on disk."""
        subscribed = [one for one in self._live.values() if one.rules.topic == topic]
        with transaction(self._db):
            ids = [self._fan_out(draft, subscribed) for draft in drafts]
        for subscription in subscribed:
            subscription.bell.ring()
        return ids

    def _fan_out(self, draft: Draft, subscribed: Sequence[Subscription]) -> int:
        matching = [one for one in subscribed if one.rules.matches(draft.attributes)]
        if not matching:
            return self._backlog.identify(draft).id
        message = self._backlog.store(draft)
        for subscription in matching:
            key = message.ordering_key if subscription.rules.ordered else ""
            self._backlog.enqueue(subscription.id, message.id, key)
        return message.id

    def _forward(self, subscription: Subscription, message: Message, attempts: int) -> bool:
        policy = subscription.rules.dead_letters
        if policy is None or policy.topic not in self._topics:
            return False
        self.publish(policy.topic, [dead_letter(subscription.name, message, attempts)])
        _log.warning("message %d of %s went to %s in attempt %d", message.id, subscription.name, policy.topic, attempts)
        return True

    def _checked(self, resource: Resource) -> Resource:
        rules = rules_of(resource)
        if rules.dead_letters:
            self.topic(rules.dead_letters.topic)
        if rules.storage and not self._deliverers.can_export:
            raise failed_precondition(
                "A cloud_storage_config needs the server to be started with --storage-endpoint URL."
            )
        return with_defaults(resource)

    def _attach(self, number: int, resource: Resource) -> None:
        subscription = Subscription(
            number, resource.name, rules_of(resource), self._db, self._backlog, forward=self._forward
        )
        self._resources[resource.name] = resource
        self._live[resource.name] = subscription
        self._deliverers.start(subscription)

    async def _sweep(self) -> None:
        while True:
            for subscription in self._live.values():
                if self._backlog.expire(subscription.id, clock.now() - subscription.rules.retention):
                    subscription.bell.ring()
            await asyncio.sleep(_SWEEP)
