"""A Subscription resource in; the rules that its deliveries follow, checked, out."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from google.pubsub_v1.types import DeadLetterPolicy, ExpirationPolicy, Subscription

from localcloud.pubsub import clock
from localcloud.pubsub.backoff import Backoff, backoff_of
from localcloud.pubsub.filters import Predicate, parse_filter
from localcloud.pubsub.names import check_name
from localcloud.pubsub.refusals import invalid, refuse_other_fields, unimplemented
from localcloud.pubsub.targets import PushTarget, StorageTarget, push_target, storage_target

_FIELDS = (
    *("name", "topic", "push_config", "cloud_storage_config", "ack_deadline_seconds", "retain_acked_messages"),
    *("message_retention_duration", "labels", "enable_message_ordering", "expiration_policy", "filter"),
    *("dead_letter_policy", "retry_policy", "state"),
)
_MINUTE = timedelta(minutes=1)
_DEFAULT_RETENTION = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """Where a message goes after `attempts` failed attempts."""

    topic: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Rules:
    """How a subscription delivers: `ack_deadline` in seconds, `retention` in microseconds.

    `ordered` means one message per ordering key at a time; objects are written in order anyway.
    """

    topic: str
    ack_deadline: int
    ordered: bool
    matches: Predicate
    backoff: Backoff | None
    dead_letters: DeadLetters | None
    retention: int
    retain_acked: bool
    push: PushTarget | None
    storage: StorageTarget | None


def rules_of(resource: Subscription) -> Rules:
    """The rules in a resource; INVALID_ARGUMENT or UNIMPLEMENTED for one that cannot be followed."""
    refuse_other_fields(resource, _FIELDS, "Subscription")
    pushes, exports = bool(resource.push_config.push_endpoint), "cloud_storage_config" in resource
    if pushes and exports:
        raise invalid("A subscription has either a push_config or a cloud_storage_config, not both.")
    if "expiration_policy" in resource and "ttl" in resource.expiration_policy:
        raise unimplemented("expiration_policy.ttl (local subscriptions never expire)")
    return Rules(
        topic=resource.topic,
        ack_deadline=checked_deadline(resource.ack_deadline_seconds or 10),
        ordered=resource.enable_message_ordering and not exports,
        matches=parse_filter(resource.filter),
        backoff=backoff_of(resource.retry_policy) if "retry_policy" in resource else None,
        dead_letters=_dead_letters(resource.dead_letter_policy) if "dead_letter_policy" in resource else None,
        retention=_retention(resource),
        retain_acked=resource.retain_acked_messages,
        push=push_target(resource.push_config) if pushes else None,
        storage=storage_target(resource.cloud_storage_config) if exports else None,
    )


def with_defaults(resource: Subscription) -> Subscription:
    """A copy of the resource that shows the values it runs with."""
    shown = Subscription(resource)
    rules = rules_of(resource)
    shown.state = Subscription.State.ACTIVE
    shown.ack_deadline_seconds = rules.ack_deadline
    shown.message_retention_duration = timedelta(microseconds=rules.retention)
    shown.expiration_policy = ExpirationPolicy()
    if rules.backoff:
        shown.retry_policy.minimum_backoff = timedelta(seconds=rules.backoff.minimum)
        shown.retry_policy.maximum_backoff = timedelta(seconds=rules.backoff.maximum)
    if rules.dead_letters:
        shown.dead_letter_policy.max_delivery_attempts = rules.dead_letters.attempts
    return shown


def checked_deadline(seconds: int) -> int:
    """An acknowledgement deadline that the service allows."""
    if not 10 <= seconds <= 600:
        raise invalid(f"Invalid ack deadline given (ack_deadline_secs={seconds}): choose from 10 to 600 seconds.")
    return seconds


def _dead_letters(policy: DeadLetterPolicy) -> DeadLetters:
    check_name(policy.dead_letter_topic, "topics")
    attempts = policy.max_delivery_attempts or 5
    if not 5 <= attempts <= 100:
        raise invalid(f"dead_letter_policy.max_delivery_attempts is {attempts}; choose from 5 to 100.")
    return DeadLetters(policy.dead_letter_topic, attempts)


def _retention(resource: Any) -> int:
    period = resource.message_retention_duration if "message_retention_duration" in resource else _DEFAULT_RETENTION
    if not 10 * _MINUTE <= period <= timedelta(days=31):
        raise invalid(f"message_retention_duration is {period}; choose from 10 minutes to 31 days.")
    return int(period.total_seconds() * clock.SECOND)
