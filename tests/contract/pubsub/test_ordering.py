"""Ordering keys: one message of a key at a time, in the order of publishing, and no key waits for another."""

import base64
from collections import defaultdict

from tests.contract.pubsub.client import Client
from tests.contract.pubsub.receiver import Receiver, Request


def _data(request: Request) -> str:
    return base64.b64decode(request.json["message"]["data"]).decode()


def test_pushes_of_one_key_come_in_order(client: Client, receiver: Receiver) -> None:
    topic = client.topic()
    client.push(topic, receiver.url, enable_message_ordering=True)
    for number in range(10):
        for key in "ab":
            client.publish(topic, f"{key}{number}".encode(), key)
    got = defaultdict(list)
    for request in receiver.wait_for(20):
        got[_data(request)[0]].append(_data(request))
    assert got == {key: [f"{key}{number}" for number in range(10)] for key in "ab"}


def test_a_failing_message_holds_up_its_own_key_only(client: Client, receiver: Receiver) -> None:
    topic = client.topic()
    failures = list[str]()

    def fail_twice(request: Request) -> int:
        if _data(request) == "a0" and len(failures) < 2:
            failures.append("a0")
            return 500
        return 204

    receiver.answer = fail_twice
    client.push(topic, receiver.url, enable_message_ordering=True)
    for data, key in (("a0", "a"), ("a1", "a"), ("b0", "b"), ("b1", "b")):
        client.publish(topic, data.encode(), key)
    order = [_data(request) for request in receiver.wait_for(6)]
    assert [data for data in order if data[0] == "a"] == ["a0", "a0", "a0", "a1"]
    assert [data for data in order if data[0] == "b"] == ["b0", "b1"]
    assert order.index("b1") < order.index("a1")


def test_a_refused_pulled_message_comes_again_before_those_behind_it(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic, enable_message_ordering=True)
    for number in range(3):
        client.publish(topic, b"%d" % number, "key")
    client.refuse(subscription, *client.pull_now(subscription))
    order = list[bytes]()
    while len(order) < 3:
        (received,) = client.pull(subscription)
        order.append(received.message.data)
        client.acknowledge(subscription, received)
    assert order == [b"0", b"1", b"2"]


def test_keys_mean_nothing_to_a_subscription_without_ordering(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    for number in range(3):
        client.publish(topic, b"%d" % number, "key")
    assert len(client.pull(subscription, 3)) == 3
