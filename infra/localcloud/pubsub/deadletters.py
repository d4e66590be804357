"""A message that failed too often in; the same message for its dead-letter topic out."""

from localcloud.pubsub.message import Draft, Message
from localcloud.pubsub.names import id_of, project_of
from localcloud.pubsub.subscription import Subscription, seconds_until

_PREFIX = "CloudPubSubDeadLetterSource"


def dead_letter(subscription: str, message: Message, attempts: int) -> Draft:
    """The message, with where it comes from in its attributes."""
    source = {
        f"{_PREFIX}DeliveryCount": str(attempts),
        f"{_PREFIX}Subscription": id_of(subscription),
        f"{_PREFIX}SubscriptionProject": project_of(subscription),
        f"{_PREFIX}TopicPublishTime": message.publish_time,
    }
    return Draft(message.data, {**message.attributes, **source}, message.ordering_key)


async def watch_last_attempts(subscription: Subscription) -> None:
    """Dead-letter what a pull subscription's clients let lapse in its last attempt, until cancelled."""
    while True:
        subscription.bury_exhausted()
        policy = subscription.rules.dead_letters
        lapse = subscription.backlog.next_exhausted(subscription.id, policy.attempts) if policy else None
        await subscription.bell.wait(seconds_until(lapse))
