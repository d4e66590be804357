"""Pull and streaming pull: leases, acknowledgements, refusals, flow control and seeking."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import pubsub_v1

from tests.contract.pubsub.client import Client


def test_a_pulled_message_is_what_was_published(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    message_id = client.publish(topic, b"data", "key", kind="a")
    message = client.pull(subscription)[0].message
    assert (message.data, dict(message.attributes), message.message_id) == (b"data", {"kind": "a"}, message_id)
    assert message.ordering_key == "key"
    assert abs(datetime.now(UTC) - message.publish_time) < timedelta(seconds=10)


def test_a_subscription_gets_nothing_from_before_it_was_created(client: Client) -> None:
    topic = client.topic()
    client.publish(topic, b"early")
    subscription = client.subscription(topic)
    client.publish(topic, b"late")
    assert [one.message.data for one in client.pull(subscription)] == [b"late"]
    assert not client.pull_now(subscription)


def test_every_subscription_gets_every_message(client: Client) -> None:
    topic = client.topic()
    subscriptions = [client.subscription(topic) for _ in range(3)]
    client.publish(topic, b"data")
    for subscription in subscriptions:
        assert client.pull(subscription)[0].message.data == b"data"


def test_messages_published_together_keep_their_order_of_ids(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    ids = client.publish_all(topic, [{"data": b"%d" % number} for number in range(100)])
    assert len(set(ids)) == 100
    assert {one.message.message_id for one in client.pull(subscription, 100)} == set(ids)


def test_an_acknowledged_message_does_not_come_again(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    client.publish(topic, b"data")
    client.acknowledge(subscription, *client.pull(subscription))
    assert not client.pull_now(subscription)


def test_a_refused_message_comes_again_at_once(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    client.publish(topic, b"data")
    client.refuse(subscription, *client.pull(subscription))
    assert client.pull(subscription, seconds=3)[0].message.data == b"data"


def test_a_refused_message_comes_again_after_the_back_off_of_a_retry_policy(client: Client) -> None:
    topic = client.topic()
    policy = {"minimum_backoff": timedelta(seconds=1), "maximum_backoff": timedelta(seconds=2)}
    subscription = client.subscription(topic, retry_policy=policy)
    client.publish(topic, b"data")
    received = client.pull(subscription)
    before = time.monotonic()
    client.refuse(subscription, *received)
    client.pull(subscription)
    assert 0.9 < time.monotonic() - before < 4


def test_a_message_comes_again_when_its_deadline_has_passed(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    client.publish(topic, b"data")
    ack_ids = [one.ack_id for one in client.pull(subscription)]
    client.subscriber.modify_ack_deadline(subscription=subscription, ack_ids=ack_ids, ack_deadline_seconds=2)
    assert not client.pull_now(subscription)
    client.pull(subscription, seconds=6)


def test_an_extended_deadline_keeps_a_message(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    client.publish(topic, b"data")
    ack_ids = [one.ack_id for one in client.pull(subscription)]
    for seconds in (1, 60):
        client.subscriber.modify_ack_deadline(subscription=subscription, ack_ids=ack_ids, ack_deadline_seconds=seconds)
    time.sleep(1.5)
    assert not client.pull_now(subscription)


def test_a_pull_waits_for_a_message(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    later = threading.Timer(0.5, client.publish, (topic, b"data"))
    later.start()
    received = client.subscriber.pull(subscription=subscription, max_messages=1).received_messages
    later.join()
    assert [one.message.data for one in received] == [b"data"]


def test_a_pull_asks_for_at_least_one_message(client: Client) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        client.subscriber.pull(subscription=client.subscription(client.topic()), max_messages=0)


def test_a_push_subscription_cannot_be_pulled(client: Client) -> None:
    subscription = client.push(client.topic(), "http://127.0.0.1:9/")
    with pytest.raises(exceptions.FailedPrecondition):
        client.pull_now(subscription)


def test_a_streaming_client_gets_and_acknowledges_everything(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    got, complete = list[bytes](), threading.Event()

    def take(message: Any) -> None:
        got.append(message.data)
        message.ack()
        if len(got) == 200:
            complete.set()

    with client.streaming(subscription, take):
        client.publish_all(topic, [{"data": b"%d" % number} for number in range(200)])
        assert complete.wait(20)
    assert sorted(got, key=int) == [b"%d" % number for number in range(200)]
    assert not client.pull_now(subscription)


def test_a_message_that_a_streaming_client_refuses_comes_again(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    got, again = list[str](), threading.Event()

    def take(message: Any) -> None:
        got.append(message.message_id)
        if len(got) == 1:
            message.nack()
        else:
            message.ack()
            again.set()

    with client.streaming(subscription, take):
        message_id = client.publish(topic, b"data")
        assert again.wait(20)
    assert got == [message_id, message_id]


def test_a_streaming_client_is_given_no_more_than_it_asked_for(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    got, enough, released = list[Any](), threading.Event(), threading.Event()

    def hold(message: Any) -> None:
        got.append(message)
        if len(got) == 5:
            enough.set()
        released.wait(20)
        message.ack()

    flow = pubsub_v1.types.FlowControl(max_messages=5)
    with client.streaming(subscription, hold, flow_control=flow):
        client.publish_all(topic, [{"data": b"%d" % number} for number in range(20)])
        try:
            assert enough.wait(20)
            others = client.pull(subscription, 15)
            assert not client.pull_now(subscription)
        finally:
            released.set()
        client.acknowledge(subscription, *others)


def test_seeking_to_now_forgets_the_backlog(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    client.publish(topic, b"old")
    time.sleep(0.05)
    client.subscriber.seek(request={"subscription": subscription, "time": datetime.now(UTC)})
    client.publish(topic, b"new")
    assert [one.message.data for one in client.pull(subscription)] == [b"new"]
    assert not client.pull_now(subscription)


def test_seeking_back_delivers_retained_acknowledged_messages_again(client: Client) -> None:
    topic, start = client.topic(), datetime.now(UTC)
    subscription = client.subscription(topic, retain_acked_messages=True)
    client.publish(topic, b"data")
    client.acknowledge(subscription, *client.pull(subscription))
    assert not client.pull_now(subscription)
    client.subscriber.seek(request={"subscription": subscription, "time": start})
    assert client.pull(subscription)[0].message.data == b"data"
