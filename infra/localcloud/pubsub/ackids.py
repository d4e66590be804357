"""A subscription, a message and an attempt in; the ack id that names them, and back, out."""

from collections.abc import Iterable

from localcloud.pubsub.message import Delivery
from localcloud.pubsub.refusals import invalid


def ack_id_of(subscription: int, delivery: Delivery) -> str:
    """What a client hands back to settle this delivery; it outlives a restart of the server."""
    return f"{subscription}-{delivery.message.id}-{delivery.attempt}"


def leases_in(subscription: int, ack_ids: Iterable[str]) -> list[tuple[int, int]]:
    """The message and the attempt of each ack id; INVALID_ARGUMENT for one of another subscription."""
    return [_lease(subscription, ack_id) for ack_id in ack_ids]


def _lease(subscription: int, ack_id: str) -> tuple[int, int]:
    match ack_id.split("-"):
        case [owner, message, attempt] if owner == str(subscription) and message.isdecimal() and attempt.isdecimal():
            return int(message), int(attempt)
    raise invalid(f"The ack id {ack_id!r} is not one that this subscription gave.")
