"""Topics: created, listed, changed, deleted, and the errors in between."""

import pytest
from google.api_core import exceptions

from tests.contract.pubsub.client import Client


def test_a_topic_is_found_after_it_was_created(client: Client) -> None:
    topic = client.topic()
    assert client.publisher.get_topic(topic=topic).name == topic
    assert topic in [one.name for one in client.publisher.list_topics(project="projects/local-proj")]


def test_a_topic_is_not_created_twice(client: Client) -> None:
    topic = client.topic()
    with pytest.raises(exceptions.AlreadyExists):
        client.publisher.create_topic(name=topic)


def test_an_unknown_topic_is_not_found(client: Client) -> None:
    missing = client.name("topics")
    with pytest.raises(exceptions.NotFound):
        client.publisher.get_topic(topic=missing)
    with pytest.raises(exceptions.NotFound):
        client.publisher.delete_topic(topic=missing)
    with pytest.raises(exceptions.NotFound):
        client.publish(missing, b"data")


@pytest.mark.parametrize("topic_id", ["ab", "1abc", "googtopic", "with space", "a" * 256])
def test_a_topic_name_that_the_service_does_not_allow_is_refused(client: Client, topic_id: str) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        client.publisher.create_topic(name=f"projects/local-proj/topics/{topic_id}")


def test_topics_are_listed_in_pages(client: Client) -> None:
    topics = {client.topic() for _ in range(5)}
    pages = client.publisher.list_topics(request={"project": "projects/local-proj", "page_size": 2}).pages
    sizes_and_names = [(len(page.topics), {one.name for one in page.topics}) for page in pages]
    assert all(size <= 2 for size, _ in sizes_and_names)
    assert topics <= set().union(*(names for _, names in sizes_and_names))


def test_the_labels_of_a_topic_can_be_updated(client: Client) -> None:
    topic = {"name": client.topic(), "labels": {"team": "mlops"}}
    client.publisher.update_topic(request={"topic": topic, "update_mask": {"paths": ["labels"]}})
    assert dict(client.publisher.get_topic(topic=topic["name"]).labels) == {"team": "mlops"}


def test_a_topic_lists_its_subscriptions(client: Client) -> None:
    topic = client.topic()
    subscriptions = {client.subscription(topic) for _ in range(3)}
    assert set(client.publisher.list_topic_subscriptions(topic=topic)) == subscriptions


def test_the_subscription_of_a_deleted_topic_keeps_its_messages(client: Client) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    client.publish(topic, b"still here")
    client.publisher.delete_topic(topic=topic)
    assert client.subscriber.get_subscription(subscription=subscription).topic == "_deleted-topic_"
    assert client.pull(subscription)[0].message.data == b"still here"


def test_a_message_with_neither_data_nor_attributes_is_refused(client: Client) -> None:
    topic = client.topic()
    with pytest.raises(exceptions.InvalidArgument):
        client.publish_all(topic, [{}])


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"attributes": {"": "no key"}}, id="an attribute without a key"),
        pytest.param({"attributes": {"key": "v" * 1025}}, id="a value of 1025 bytes"),
        pytest.param({"attributes": {f"k{n}": "v" for n in range(101)}}, id="101 attributes"),
        pytest.param({"data": b"x" * 10_000_001}, id="more than 10 MB"),
    ],
)
def test_a_message_over_the_services_limits_is_refused(client: Client, message: dict[str, object]) -> None:
    topic = client.topic()
    with pytest.raises(exceptions.InvalidArgument):
        client.publish_all(topic, [message])
