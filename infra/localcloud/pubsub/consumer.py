"""google.pubsub.v1.Subscriber requests that consume in; leased messages, and their outcomes settled, out."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence

from google.protobuf.empty_pb2 import Empty
from google.pubsub_v1 import types

from localcloud.grpcserver import Method
from localcloud.pubsub import clock
from localcloud.pubsub.ackids import ack_id_of, leases_in
from localcloud.pubsub.broker import Broker
from localcloud.pubsub.message import Delivery
from localcloud.pubsub.refusals import failed_precondition, invalid, unavailable
from localcloud.pubsub.stream import PullStream
from localcloud.pubsub.subscription import Subscription

_PATIENCE = 10.0
"""Seconds that a Pull waits for a first message."""
_MOST = 1000
"""Messages that one Pull returns."""


class Consumer:
    """The Subscriber service's consumption on a broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._holders = itertools.count(1)

    def methods(self) -> dict[str, Method]:
        """This part of the service's table for the gRPC server."""
        return {
            "Pull": Method(self.pull, types.PullRequest, types.PullResponse),
            "StreamingPull": Method(
                self.streaming_pull, types.StreamingPullRequest, types.StreamingPullResponse, streaming=True
            ),
            "Acknowledge": Method(self.acknowledge, types.AcknowledgeRequest, Empty),
            "ModifyAckDeadline": Method(self.modify_ack_deadline, types.ModifyAckDeadlineRequest, Empty),
        }

    async def pull(self, request: types.PullRequest) -> types.PullResponse:
        """What is due, at once or within ten seconds; nothing otherwise."""
        subscription = self._pullable(request.subscription)
        if request.max_messages <= 0:
            raise invalid(f"max_messages is {request.max_messages}; give 1 or more.")
        limit, holder = min(request.max_messages, _MOST), next(self._holders)
        loop = asyncio.get_running_loop()
        end = loop.time() + (0.0 if request.return_immediately else _PATIENCE)
        while True:
            if subscription.closed:
                raise unavailable()
            found = subscription.claim(limit, holder, subscription.rules.ack_deadline)
            patience = end - loop.time()
            if found or patience <= 0:
                return types.PullResponse(received_messages=received(subscription, found))
            due = subscription.until_due()
            await subscription.bell.wait(patience if due is None else min(due, patience))

    async def streaming_pull(
        self, requests: AsyncIterator[types.StreamingPullRequest]
    ) -> AsyncIterator[types.StreamingPullResponse]:
        """Messages as they become due, within the client's flow control."""
        first = await anext(requests, types.StreamingPullRequest())
        subscription = self._pullable(first.subscription)
        stream = PullStream(subscription, first, next(self._holders))
        reader = asyncio.create_task(self._read(subscription, stream, first, requests))
        reader.add_done_callback(lambda _: subscription.bell.ring())
        try:
            while not reader.done():
                if subscription.closed:
                    raise unavailable()
                if found := stream.claim():
                    yield _response(subscription, found)
                else:
                    await subscription.bell.wait(stream.until_room())
            await reader
        finally:
            reader.cancel()

    async def _read(
        self,
        subscription: Subscription,
        stream: PullStream,
        first: types.StreamingPullRequest,
        rest: AsyncIterator[types.StreamingPullRequest],
    ) -> None:
        self._settle(subscription, first)
        async for request in rest:
            if request.subscription:
                raise invalid("Only the first request of a stream names the subscription.")
            stream.set_deadline(request.stream_ack_deadline_seconds)
            self._settle(subscription, request)

    def _settle(self, subscription: Subscription, request: types.StreamingPullRequest) -> None:
        if len(request.modify_deadline_seconds) != len(request.modify_deadline_ack_ids):
            raise invalid("modify_deadline_seconds and modify_deadline_ack_ids have different lengths.")
        _acknowledge(subscription, request.ack_ids)
        for seconds, ack_id in zip(request.modify_deadline_seconds, request.modify_deadline_ack_ids, strict=True):
            _modify(subscription, [ack_id], seconds)

    async def acknowledge(self, request: types.AcknowledgeRequest) -> Empty:
        """Also after the deadline, unless the message was dead-lettered meanwhile."""
        _acknowledge(self._broker.live(request.subscription), request.ack_ids)
        return Empty()

    async def modify_ack_deadline(self, request: types.ModifyAckDeadlineRequest) -> Empty:
        """Move the deadline to so many seconds from now; 0 gives the message back."""
        _modify(self._broker.live(request.subscription), request.ack_ids, request.ack_deadline_seconds)
        return Empty()

    def _pullable(self, name: str) -> Subscription:
        subscription = self._broker.live(name)
        if subscription.rules.push or subscription.rules.storage:
            raise failed_precondition(f"This method is not supported for this subscription type ({name}).")
        return subscription


def received(subscription: Subscription, deliveries: Sequence[Delivery]) -> list[types.ReceivedMessage]:
    """The deliveries as clients get them; the attempt is told only where there is a dead-letter policy."""
    return [
        types.ReceivedMessage(
            ack_id=ack_id_of(subscription.id, delivery),
            message=types.PubsubMessage(
                data=delivery.message.data,
                attributes=delivery.message.attributes,
                message_id=str(delivery.message.id),
                publish_time=clock.utc(delivery.message.id),
                ordering_key=delivery.message.ordering_key,
            ),
            delivery_attempt=delivery.attempt if subscription.rules.dead_letters else 0,
        )
        for delivery in deliveries
    ]


def _response(subscription: Subscription, deliveries: Sequence[Delivery]) -> types.StreamingPullResponse:
    properties = types.StreamingPullResponse.SubscriptionProperties(message_ordering_enabled=subscription.rules.ordered)
    return types.StreamingPullResponse(
        received_messages=received(subscription, deliveries), subscription_properties=properties
    )


def _acknowledge(subscription: Subscription, ack_ids: Sequence[str]) -> None:
    if ack_ids:
        subscription.acknowledge(message for message, _ in leases_in(subscription.id, ack_ids))


def _modify(subscription: Subscription, ack_ids: Sequence[str], seconds: int) -> None:
    if not 0 <= seconds <= 600:
        raise invalid(f"Invalid ack deadline given (ack_deadline_secs={seconds}): choose from 0 to 600 seconds.")
    for message, attempt in leases_in(subscription.id, ack_ids):
        if seconds:
            subscription.backlog.extend(subscription.id, message, attempt, clock.now() + seconds * clock.SECOND)
        else:
            subscription.refuse(message, attempt)
    subscription.bell.ring()
