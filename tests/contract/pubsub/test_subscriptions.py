"""Subscriptions: created with checked fields, changed by field mask, listed and deleted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from google.api_core import exceptions

from tests.contract.pubsub.client import Client
from tests.contract.pubsub.receiver import Receiver


def test_a_subscription_shows_the_fields_it_was_created_with(client: Client) -> None:
    dead = client.topic()
    subscription = client.subscription(
        client.topic(),
        ack_deadline_seconds=30,
        labels={"team": "mlops"},
        retry_policy={"minimum_backoff": timedelta(seconds=2), "maximum_backoff": timedelta(seconds=20)},
        dead_letter_policy={"dead_letter_topic": dead, "max_delivery_attempts": 7},
        enable_message_ordering=True,
        filter='attributes.kind = "a"',
    )
    shown = client.subscriber.get_subscription(subscription=subscription)
    assert shown.ack_deadline_seconds == 30
    assert dict(shown.labels) == {"team": "mlops"}
    assert shown.retry_policy.minimum_backoff == timedelta(seconds=2)
    assert shown.dead_letter_policy.dead_letter_topic == dead
    assert shown.dead_letter_policy.max_delivery_attempts == 7
    assert shown.enable_message_ordering
    assert shown.filter == 'attributes.kind = "a"'


def test_a_subscription_has_an_ack_deadline_of_10_seconds_and_7_days_of_retention_by_default(client: Client) -> None:
    shown = client.subscriber.get_subscription(subscription=client.subscription(client.topic()))
    assert shown.ack_deadline_seconds == 10
    assert shown.message_retention_duration == timedelta(days=7)


def test_a_subscription_is_not_created_twice(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    with pytest.raises(exceptions.AlreadyExists):
        client.subscriber.create_subscription(name=subscription, topic=topic)


def test_a_subscription_needs_an_existing_topic(client: Client) -> None:
    with pytest.raises(exceptions.NotFound):
        client.subscription(client.name("topics"))


def test_an_ack_deadline_below_10_seconds_is_refused(client: Client) -> None:
    with pytest.raises(exceptions.BadRequest):
        client.subscription(client.topic(), ack_deadline_seconds=9)


def test_an_ack_deadline_above_600_seconds_is_refused(client: Client) -> None:
    with pytest.raises(exceptions.BadRequest):
        client.subscription(client.topic(), ack_deadline_seconds=601)


@pytest.mark.parametrize("attempts", [4, 101])
def test_fewer_than_5_or_more_than_100_delivery_attempts_are_refused(client: Client, attempts: int) -> None:
    policy = {"dead_letter_topic": client.topic(), "max_delivery_attempts": attempts}
    with pytest.raises(exceptions.BadRequest):
        client.subscription(client.topic(), dead_letter_policy=policy)


def test_a_minimum_back_off_above_the_maximum_is_refused(client: Client) -> None:
    policy = {"minimum_backoff": timedelta(seconds=20), "maximum_backoff": timedelta(seconds=10)}
    with pytest.raises(exceptions.InvalidArgument):
        client.subscription(client.topic(), retry_policy=policy)


@pytest.mark.parametrize(
    "endpoint", ["127.0.0.1:80", "ftp://127.0.0.1/", "http://", "http://a b/", "http://a..b/", "http://h:99999/"]
)
def test_a_push_endpoint_that_is_not_an_http_url_is_refused(local: Client, endpoint: str) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        local.push(local.topic(), endpoint)


def test_subscriptions_are_listed(client: Client) -> None:
    topic = client.topic()
    created = {client.subscription(topic) for _ in range(3)}
    listed = client.subscriber.list_subscriptions(request={"project": "projects/local-proj", "page_size": 2})
    assert created <= {one.name for one in listed}


def test_a_deleted_subscription_is_gone(client: Client) -> None:
    subscription = client.subscription(client.topic())
    client.subscriber.delete_subscription(subscription=subscription)
    for call in (client.subscriber.get_subscription, client.subscriber.delete_subscription):
        with pytest.raises(exceptions.NotFound):
            call(subscription=subscription)


def _update(client: Client, paths: list[str], **fields: Any) -> Any:
    return client.subscriber.update_subscription(request={"subscription": fields, "update_mask": {"paths": paths}})


def test_an_update_changes_the_fields_in_its_mask_only(client: Client) -> None:
    subscription = client.subscription(client.topic(), ack_deadline_seconds=20)
    policy = {"minimum_backoff": timedelta(seconds=3), "maximum_backoff": timedelta(seconds=30)}
    _update(client, ["retry_policy"], name=subscription, retry_policy=policy, ack_deadline_seconds=60)
    shown = client.subscriber.get_subscription(subscription=subscription)
    assert shown.retry_policy.minimum_backoff == timedelta(seconds=3)
    assert shown.ack_deadline_seconds == 20


def test_the_labels_of_a_subscription_can_be_updated(client: Client) -> None:
    subscription = client.subscription(client.topic(), labels={"a": "b"})
    _update(client, ["labels"], name=subscription, labels={"c": "d"})
    assert dict(client.subscriber.get_subscription(subscription=subscription).labels) == {"c": "d"}


@pytest.mark.parametrize(
    ("path", "value"), [("filter", "attributes:kind"), ("topic", "projects/local-proj/topics/other")]
)
def test_what_a_subscription_was_born_with_cannot_be_updated(client: Client, path: str, value: str) -> None:
    subscription = client.subscription(client.topic())
    with pytest.raises(exceptions.InvalidArgument):
        _update(client, [path], name=subscription, **{path: value})


def test_an_update_that_breaks_a_rule_changes_nothing(client: Client) -> None:
    subscription = client.subscription(client.topic())
    with pytest.raises(exceptions.BadRequest):
        _update(client, ["ack_deadline_seconds"], name=subscription, ack_deadline_seconds=601)
    assert client.subscriber.get_subscription(subscription=subscription).ack_deadline_seconds == 10


def test_a_subscription_turns_from_pull_to_push_and_back(client: Client, receiver: Receiver) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    client.publish(topic, b"waiting")
    client.subscriber.modify_push_config(subscription=subscription, push_config={"push_endpoint": receiver.url})
    receiver.wait_for(1)
    client.subscriber.modify_push_config(subscription=subscription, push_config={})
    client.publish(topic, b"pulled")
    assert client.pull(subscription)[0].message.data == b"pulled"
    assert len(receiver.requests) == 1


def test_an_updated_push_endpoint_gets_the_next_messages(client: Client, receivers: Callable[[], Receiver]) -> None:
    old, new, topic = receivers(), receivers(), client.topic()
    subscription = client.push(topic, old.url)
    _update(client, ["push_config"], name=subscription, push_config={"push_endpoint": new.url})
    client.publish(topic, b"data")
    new.wait_for(1)
    assert not old.requests
