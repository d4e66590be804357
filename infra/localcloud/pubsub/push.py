"""A push subscription's due messages in; HTTP requests and their outcomes, settled, out."""

import asyncio
import logging
from http import HTTPStatus

from localcloud.pubsub.backoff import WITHOUT_POLICY
from localcloud.pubsub.httpclient import HttpClient
from localcloud.pubsub.message import Delivery
from localcloud.pubsub.subscription import Subscription
from localcloud.pubsub.targets import PushTarget
from localcloud.pubsub.wrapping import push_request

PUSHER = 0
"""The holder of the leases of pushes under way."""

_ACKNOWLEDGED = {
    HTTPStatus.PROCESSING,
    HTTPStatus.OK,
    HTTPStatus.CREATED,
    HTTPStatus.ACCEPTED,
    HTTPStatus.NO_CONTENT,
}
_IN_FLIGHT = 100
"""Pushes under way at once, per subscription."""
_GRACE = 10
"""Seconds that a lease outlives its push's time limit, so that only the push itself ends it."""

_log = logging.getLogger(__name__)


async def push_messages(subscription: Subscription, target: PushTarget, http: HttpClient) -> None:
    """Push whatever is due until cancelled; pushes under way are then broken off."""
    seconds = subscription.rules.ack_deadline + _GRACE
    subscription.backlog.abandon(subscription.id, PUSHER)
    pushes: set[asyncio.Task[None]] = set()

    def make_room(push: asyncio.Task[None]) -> None:
        pushes.discard(push)
        subscription.bell.ring()  # the push rang when it was settled, but still took up room then

    try:
        while True:
            room = _IN_FLIGHT - len(pushes)
            for delivery in subscription.claim(room, PUSHER, seconds) if room else ():
                push = asyncio.create_task(_push(subscription, target, http, delivery))
                pushes.add(push)
                push.add_done_callback(make_room)
            room = _IN_FLIGHT - len(pushes)
            await subscription.bell.wait(subscription.until_due() if room else None)
    finally:
        for push in pushes:
            push.cancel()
        await asyncio.gather(*pushes, return_exceptions=True)


async def _push(subscription: Subscription, target: PushTarget, http: HttpClient, delivery: Delivery) -> None:
    show_attempt = subscription.rules.dead_letters is not None
    headers, body = push_request(target, subscription.name, delivery, show_attempt=show_attempt)
    try:
        async with asyncio.timeout(subscription.rules.ack_deadline):
            status = await http.post(target.endpoint, headers, body)
    except TimeoutError:
        outcome = f"no answer within {subscription.rules.ack_deadline} s"
    except OSError as error:
        outcome = str(error) or type(error).__name__
    else:
        outcome = "" if status in _ACKNOWLEDGED else f"status {status}"
    if not outcome:
        return subscription.acknowledge([delivery.message.id])
    place = (delivery.message.id, subscription.name, target.endpoint, delivery.attempt, outcome)
    _log.warning("message %d of %s was not taken by %s in attempt %d: %s", *place)
    return subscription.refuse(delivery.message.id, delivery.attempt, WITHOUT_POLICY)
