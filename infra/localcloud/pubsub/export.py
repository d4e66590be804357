"""A Cloud Storage subscription's messages in; one text object per batch, written before it is acknowledged, out."""

import asyncio
import logging
import re
import uuid
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import quote, urlencode

from localcloud.pubsub import clock
from localcloud.pubsub.backoff import WITHOUT_POLICY
from localcloud.pubsub.httpclient import HttpClient
from localcloud.pubsub.message import Delivery
from localcloud.pubsub.subscription import Subscription, seconds_until
from localcloud.pubsub.targets import StorageTarget

EXPORTER = 0
"""The holder of the leases of batches under way."""

_TIME_LIMIT = 60
"""Seconds for writing one object."""
_PAUSE = 0.1
"""Seconds between two looks at how full a batch is, because a look reads the whole batch."""
_STRFTIME = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "hh": "%H", "mm": "%M", "ss": "%S"}

_log = logging.getLogger(__name__)


async def export_messages(subscription: Subscription, target: StorageTarget, http: HttpClient, storage: str) -> None:
    """Write a batch whenever one is full or old enough, to the storage server at URL `storage`, until cancelled."""
    subscription.backlog.abandon(subscription.id, EXPORTER)
    while True:
        wait = _until_full(subscription, target)
        if wait is None or wait > 0:
            await subscription.bell.wait(wait)
            await asyncio.sleep(_PAUSE)
            continue
        limit = min(target.max_messages, clock.SECOND)
        batch = subscription.claim(limit, EXPORTER, 2 * _TIME_LIMIT, target.max_bytes)
        if batch:
            await _write(subscription, target, http, storage, batch)


def _until_full(subscription: Subscription, target: StorageTarget) -> float | None:
    """Seconds until a batch must be written; None with nothing to write."""
    count, size, first = subscription.backlog.ready(subscription.id)
    if first is None:
        return subscription.until_due()
    if count >= target.max_messages or size >= target.max_bytes:
        return 0.0
    return seconds_until(first + int(target.max_duration * clock.SECOND))


async def _write(
    subscription: Subscription, target: StorageTarget, http: HttpClient, storage: str, batch: Sequence[Delivery]
) -> None:
    name = object_name(target, clock.now())
    query = urlencode({"uploadType": "media", "name": name, "ifGenerationMatch": 0}, quote_via=quote)
    url = f"{storage.rstrip('/')}/upload/storage/v1/b/{target.bucket}/o?{query}"
    body = b"".join(delivery.message.data + b"\n" for delivery in batch)
    try:
        async with asyncio.timeout(_TIME_LIMIT):
            status = await http.post(url, {"Content-Type": "text/plain"}, body)
        outcome = "" if status == HTTPStatus.OK else f"status {status}"
    except OSError as error:
        outcome = str(error) or type(error).__name__
    if not outcome:
        return subscription.acknowledge([delivery.message.id for delivery in batch])
    _log.warning("%d messages of %s were not written to %s: %s", len(batch), subscription.name, url, outcome)
    for delivery in batch:
        subscription.refuse(delivery.message.id, delivery.attempt, WITHOUT_POLICY)
    return None


def object_name(target: StorageTarget, micros: int) -> str:
    """Prefix, the time in UTC, six random hexadecimal digits, suffix."""
    time = clock.utc(micros)
    stamp = re.sub("|".join(_STRFTIME), lambda token: time.strftime(_STRFTIME[token.group()]), target.datetime_format)
    return f"{target.prefix}{stamp}_{uuid.uuid4().hex[:6]}{target.suffix}"
