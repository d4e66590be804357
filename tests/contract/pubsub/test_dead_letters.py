"""Dead letters: after the last attempt a message moves to its dead-letter topic, and says where it comes from."""

from datetime import datetime

import pytest
from google.api_core import exceptions

from tests.contract.pubsub.client import Client
from tests.contract.pubsub.receiver import Receiver

PREFIX = "CloudPubSubDeadLetterSource"


def test_a_message_that_fails_five_times_moves_to_the_dead_letter_topic(client: Client, receiver: Receiver) -> None:
    topic, dead = client.topic(), client.topic()
    letters = client.subscription(dead)
    receiver.always(500)
    subscription = client.push(
        topic, receiver.url, dead_letter_policy={"dead_letter_topic": dead, "max_delivery_attempts": 5}
    )
    client.publish(topic, b"poison", kind="a")
    message = client.pull(letters)[0].message
    assert message.data == b"poison"
    assert len(receiver.requests) == 5
    assert message.attributes["kind"] == "a"
    assert message.attributes[f"{PREFIX}DeliveryCount"] == "5"
    assert message.attributes[f"{PREFIX}Subscription"] == subscription.split("/")[-1]
    assert message.attributes[f"{PREFIX}SubscriptionProject"] == "local-proj"
    assert datetime.fromisoformat(message.attributes[f"{PREFIX}TopicPublishTime"]) < message.publish_time


def test_a_pulled_message_tells_its_delivery_attempt_and_moves_after_the_last(client: Client) -> None:
    topic, dead = client.topic(), client.topic()
    letters = client.subscription(dead)
    subscription = client.subscription(topic, dead_letter_policy={"dead_letter_topic": dead})
    client.publish(topic, b"poison")
    attempts = list[int]()
    for _ in range(5):
        (received,) = client.pull(subscription)
        attempts.append(received.delivery_attempt)
        client.refuse(subscription, received)
    assert attempts == [1, 2, 3, 4, 5]
    assert not client.pull_now(subscription)
    assert client.pull(letters)[0].message.data == b"poison"


def test_a_dead_letter_unblocks_its_ordering_key(client: Client, receiver: Receiver) -> None:
    topic, dead = client.topic(), client.topic()
    letters = client.subscription(dead)
    receiver.answer = lambda request: 500 if request.json["message"]["data"] == "YmFk" else 204
    client.push(topic, receiver.url, dead_letter_policy={"dead_letter_topic": dead}, enable_message_ordering=True)
    poison, healthy = client.publish_all(topic, [{"data": data, "ordering_key": "key"} for data in (b"bad", b"good")])
    assert client.pull(letters)[0].message.data == b"bad"
    pushed = [request.json["message"]["messageId"] for request in receiver.wait_for(6)]
    assert pushed == [poison] * 5 + [healthy]


def test_a_dead_letter_topic_must_exist(client: Client) -> None:
    with pytest.raises(exceptions.NotFound):
        client.subscription(client.topic(), dead_letter_policy={"dead_letter_topic": client.name("topics")})


def test_a_message_that_lapses_in_its_last_attempt_moves_without_another_pull(local: Client) -> None:
    topic, dead = local.topic(), local.topic()
    letters = local.subscription(dead)
    subscription = local.subscription(topic, dead_letter_policy={"dead_letter_topic": dead})
    local.publish(topic, b"poison")
    for _ in range(4):
        local.refuse(subscription, *local.pull(subscription))
    ack_ids = [one.ack_id for one in local.pull(subscription)]
    local.subscriber.modify_ack_deadline(subscription=subscription, ack_ids=ack_ids, ack_deadline_seconds=1)
    assert local.pull(letters, seconds=5)[0].message.data == b"poison"
