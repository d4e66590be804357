"""Push subscriptions: what a receiver gets, what its answer means, and when it gets it again."""

import base64
import itertools
import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.contract.pubsub.client import Client
from tests.contract.pubsub.receiver import Receiver, Request


def gaps(requests: list[Request]) -> list[float]:
    """Seconds between requests."""
    return [after.at - before.at for before, after in itertools.pairwise(requests)]


def test_a_message_is_pushed_wrapped_in_json(client: Client, receiver: Receiver) -> None:
    topic = client.topic()
    subscription = client.push(topic, receiver.url)
    message_id = client.publish(topic, b"\x00data", kind="a")
    (request,) = receiver.wait_for(1)
    assert request.headers["content-type"] == "application/json"
    body = request.json
    publish_time = body["message"]["publishTime"]
    assert publish_time.endswith("Z")
    assert body == {
        "subscription": subscription,
        "message": {
            "data": base64.b64encode(b"\x00data").decode(),
            "attributes": {"kind": "a"},
            "messageId": message_id,
            "message_id": message_id,
            "publishTime": publish_time,
            "publish_time": publish_time,
        },
    }


def test_a_message_of_attributes_alone_is_pushed_with_empty_data(client: Client, receiver: Receiver) -> None:
    topic = client.topic()
    client.push(topic, receiver.url)
    client.publish_all(topic, [{"attributes": {"kind": "a"}}])
    message = receiver.wait_for(1)[0].json["message"]
    assert (message["data"], message["attributes"]) == ("", {"kind": "a"})


def test_a_push_carries_its_ordering_key(client: Client, receiver: Receiver) -> None:
    topic = client.topic()
    client.push(topic, receiver.url, enable_message_ordering=True)
    client.publish(topic, b"data", "loan_default")
    assert receiver.wait_for(1)[0].json["message"]["orderingKey"] == "loan_default"


def test_a_push_carries_its_delivery_attempt_when_there_is_a_dead_letter_policy(
    client: Client, receiver: Receiver
) -> None:
    topic = client.topic()
    receiver.answer = lambda _: 204 if len(receiver.requests) > 2 else 500
    client.push(topic, receiver.url, dead_letter_policy={"dead_letter_topic": client.topic()})
    client.publish(topic, b"data")
    assert [request.json["deliveryAttempt"] for request in receiver.wait_for(3)] == [1, 2, 3]


def test_an_unwrapped_push_is_the_data_alone(client: Client, receiver: Receiver) -> None:
    topic = client.topic()
    client.push(topic, receiver.url, {"no_wrapper": {}})
    client.publish(topic, b"just this", kind="a")
    (request,) = receiver.wait_for(1)
    assert request.body == b"just this"
    assert "kind" not in request.headers
    assert "x-goog-pubsub-message-id" not in request.headers


def test_an_unwrapped_push_with_metadata_has_the_attributes_as_headers(client: Client, receiver: Receiver) -> None:
    topic = client.topic()
    subscription = client.push(topic, receiver.url, {"no_wrapper": {"write_metadata": True}})
    attributes = {"ce-id": "1", "ce-type": "headrace.model.v1.registered", "content-type": "application/json"}
    message_id = client.publish(topic, b"{}", **attributes)
    (request,) = receiver.wait_for(1)
    assert request.body == b"{}"
    assert attributes.items() <= request.headers.items()
    assert request.headers["x-goog-pubsub-message-id"] == message_id
    assert request.headers["x-goog-pubsub-subscription-name"] == subscription
    assert request.headers["x-goog-pubsub-publish-time"].endswith("Z")


def test_102_200_201_and_204_acknowledge_a_push(client: Client, receivers: Callable[[], Receiver]) -> None:
    topic, pushed = client.topic(), list[Receiver]()
    for status in (102, 200, 201, 204):
        pushed.append(receivers())
        pushed[-1].always(status)
        client.push(topic, pushed[-1].url)
    client.publish(topic, b"data")
    for receiver in pushed:
        receiver.wait_for(1)
    time.sleep(1.2)  # the emulator tries again after a second
    assert [len(receiver.requests) for receiver in pushed] == [1, 1, 1, 1]


def test_202_acknowledges_a_push(client: Client, receiver: Receiver) -> None:
    topic = client.topic()
    receiver.always(202)
    client.push(topic, receiver.url)
    client.publish(topic, b"data")
    receiver.wait_for(1)
    assert receiver.quiet(1.3)


def test_203_does_not_acknowledge_a_push(client: Client, receiver: Receiver) -> None:
    topic = client.topic()
    receiver.always(203)
    client.push(topic, receiver.url)
    client.publish(topic, b"data")
    receiver.wait_for(2, seconds=5)


def test_any_other_status_has_the_message_pushed_again(client: Client, receivers: Callable[[], Receiver]) -> None:
    topic, pushed = client.topic(), list[Receiver]()
    for status in (301, 400, 404, 429, 500, 503):
        pushed.append(receivers())
        pushed[-1].fail_once(status)
        client.push(topic, pushed[-1].url)
    message_id = client.publish(topic, b"data")
    for receiver in pushed:
        assert [request.json["message"]["messageId"] for request in receiver.wait_for(2)] == [message_id] * 2


def test_a_message_waits_for_a_receiver_that_is_down(client: Client, receivers: Callable[[], Receiver]) -> None:
    down, topic = receivers(), client.topic()
    down.close()
    subscription = client.push(topic, down.url)
    client.publish(topic, b"data")
    up = receivers()
    client.subscriber.modify_push_config(subscription=subscription, push_config={"push_endpoint": up.url})
    up.wait_for(1)


def test_a_failed_push_is_retried_after_delays_that_double_without_a_policy(client: Client, receiver: Receiver) -> None:
    topic = client.topic()
    receiver.always(500)
    subscription = client.push(topic, receiver.url)
    client.publish(topic, b"data")
    measured = gaps(receiver.wait_for(5))
    client.subscriber.delete_subscription(subscription=subscription)
    for gap, delay in zip(measured, (0.1, 0.2, 0.4, 0.8), strict=True):
        assert delay <= gap < delay + 0.5


def test_retry_delays_double_from_the_minimum_to_the_maximum_back_off(local: Client, receiver: Receiver) -> None:
    topic = local.topic()
    receiver.always(500)
    policy = {"minimum_backoff": timedelta(seconds=0.2), "maximum_backoff": timedelta(seconds=0.5)}
    subscription = local.push(topic, receiver.url, retry_policy=policy)
    local.publish(topic, b"data")
    measured = gaps(receiver.wait_for(5))
    local.subscriber.delete_subscription(subscription=subscription)
    for gap, delay in zip(measured, (0.2, 0.4, 0.5, 0.5), strict=True):
        assert delay <= gap < delay + 0.4


@pytest.mark.slow
def test_a_failed_push_is_retried_no_sooner_than_the_minimum_back_off(client: Client, receiver: Receiver) -> None:
    topic = client.topic()
    receiver.always(500)
    policy = {"minimum_backoff": timedelta(seconds=2), "maximum_backoff": timedelta(seconds=3)}
    subscription = client.push(topic, receiver.url, retry_policy=policy)
    client.publish(topic, b"data")
    measured = gaps(receiver.wait_for(3))
    client.subscriber.delete_subscription(subscription=subscription)
    for gap, delay in zip(measured, (2.0, 3.0), strict=True):
        assert delay <= gap < delay + 1


@pytest.mark.slow
def test_a_push_that_outlasts_the_ack_deadline_is_made_again(client: Client, receiver: Receiver) -> None:
    topic, released = client.topic(), threading.Event()

    def hang_once(_: Request) -> int:
        if len(receiver.requests) == 1:
            released.wait(30)
        return 204

    receiver.answer = hang_once
    client.push(topic, receiver.url, ack_deadline_seconds=10)
    client.publish(topic, b"data")
    (gap,) = gaps(receiver.wait_for(2, seconds=30))
    released.set()
    assert 9.5 <= gap < 13


def test_a_hanging_receiver_does_not_hold_up_another_subscription(
    client: Client, receivers: Callable[[], Receiver]
) -> None:
    hanging, lively, topic, released = receivers(), receivers(), client.topic(), threading.Event()
    hanging.answer = lambda _: 204 if released.wait(30) else 500
    client.push(topic, hanging.url)
    client.push(topic, lively.url)
    for number in range(10):
        client.publish(topic, b"%d" % number)
    try:
        lively.wait_for(10, seconds=5)
    finally:
        released.set()


def test_twenty_slow_receivers_are_pushed_to_at_once(client: Client, receiver: Receiver) -> None:
    topic, released = client.topic(), threading.Event()
    receiver.answer = lambda _: 204 if released.wait(30) else 500
    client.push(topic, receiver.url)
    for number in range(20):
        client.publish(topic, b"%d" % number)
    try:
        receiver.wait_for(20, seconds=5)
    finally:
        released.set()


def test_a_push_with_an_oidc_token_has_a_bearer_token(client: Client, receiver: Receiver) -> None:
    topic = client.topic()
    token = {"service_account_email": "pusher@local-proj.iam.gserviceaccount.com", "audience": "https://a.example"}
    client.push(topic, receiver.url, {"oidc_token": token})
    client.publish(topic, b"data")
    scheme, _, jwt = receiver.wait_for(1)[0].headers.get("authorization", "").partition(" ")
    assert scheme == "Bearer"
    claims = json.loads(base64.urlsafe_b64decode(jwt.split(".")[1] + "=="))
    assert claims["aud"] == "https://a.example"
    assert claims["email"] == "pusher@local-proj.iam.gserviceaccount.com"
    assert claims["iss"] == "https://accounts.google.com"
    assert claims["email_verified"]
    assert claims["exp"] > claims["iat"]


def test_a_burst_of_messages_is_pushed_to_the_last_one(client: Client, receiver: Receiver) -> None:
    topic = client.topic()
    client.push(topic, receiver.url)
    ids = client.publish_all(topic, [{"data": b"%d" % number} for number in range(1000)])
    pushed = receiver.wait_for(1000)
    assert {request.json["message"]["messageId"] for request in pushed} == set(ids)
