"""Subscriptions in; one task each that delivers their messages the way they ask for out."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from localcloud.pubsub.deadletters import watch_last_attempts
from localcloud.pubsub.export import export_messages
from localcloud.pubsub.httpclient import HttpClient
from localcloud.pubsub.push import push_messages
from localcloud.pubsub.subscription import Subscription

_log = logging.getLogger(__name__)


class Deliverers:
    """The delivering tasks; `storage` is the base URL of the Cloud Storage JSON API, if there is one."""

    def __init__(self, storage: str | None) -> None:
        self._storage = storage
        self._http = HttpClient()
        self._tasks: dict[Subscription, asyncio.Task[None]] = {}

    @property
    def can_export(self) -> bool:
        """Whether Cloud Storage subscriptions have somewhere to write to."""
        return self._storage is not None

    def start(self, subscription: Subscription) -> None:
        """Deliver from now on."""
        task = asyncio.create_task(self._deliver(subscription), name=subscription.name)
        task.add_done_callback(_report)
        self._tasks[subscription] = task

    async def stop(self, *subscriptions: Subscription) -> None:
        """Break deliveries off; pulling clients are told to come back."""
        tasks = [self._tasks.pop(subscription) for subscription in subscriptions]
        for subscription in subscriptions:
            subscription.closed = True
            subscription.bell.ring()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        """Stop all; what is not acknowledged is delivered after the next start."""
        await self.stop(*self._tasks)
        self._http.close()

    def _deliver(self, subscription: Subscription) -> Coroutine[Any, Any, None]:
        rules = subscription.rules
        if rules.push:
            return push_messages(subscription, rules.push, self._http)
        if rules.storage and self._storage:
            return export_messages(subscription, rules.storage, self._http, self._storage)
        if rules.storage:
            _log.warning("%s keeps its messages: start with --storage-endpoint to write them", subscription.name)
        return watch_last_attempts(subscription)


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        _log.critical("%s delivers no more", task.get_name(), exc_info=error)
