"""Filters: which messages a subscription gets by their attributes, and which expressions are refused."""

import pytest
from google.api_core import exceptions

from tests.contract.pubsub.client import Client
from tests.contract.pubsub.receiver import Receiver

MESSAGES = {
    "model": {"kind": "model", "ce-type": "headrace.model.v1.registered"},
    "drift": {"kind": "drift", "ce-type": "headrace.drift.v1.checked"},
    "plain": {"odd key/å": 'a "b"'},
}


@pytest.mark.parametrize(
    ("expression", "selected"),
    [
        ("attributes:kind", "model drift"),
        ("NOT attributes:kind", "plain"),
        ("-attributes:kind", "plain"),
        ('attributes.kind = "model"', "model"),
        ('attributes.kind != "model"', "drift plain"),
        ('attributes."odd key/\\u00e5" = "a \\"b\\""', "plain"),
        ('hasPrefix(attributes.ce-type, "headrace.model.")', "model"),
        ('NOT hasPrefix(attributes.ce-type, "headrace.model.")', "drift plain"),
        ('attributes.kind = "model" OR attributes.kind = "drift"', "model drift"),
        ('attributes:kind AND attributes.kind != "model" AND attributes:ce-type', "drift"),
        ('attributes:kind AND (attributes.kind = "drift" OR NOT attributes:ce-type)', "drift"),
        ('NOT (attributes.kind = "model" OR attributes.kind = "drift")', "plain"),
    ],
)
def test_a_filter_selects_messages_by_their_attributes(client: Client, expression: str, selected: str) -> None:
    topic = client.topic()
    subscription = client.subscription(topic, filter=expression)
    client.publish_all(topic, [{"data": name.encode(), "attributes": one} for name, one in MESSAGES.items()])
    got = {one.message.data.decode() for one in client.pull_now(subscription)}
    assert got == set(selected.split())


def test_a_filter_applies_to_pushes(client: Client, receiver: Receiver) -> None:
    topic = client.topic()
    client.push(topic, receiver.url, filter='attributes.kind = "b"')
    client.publish(topic, b"first", kind="a")
    client.publish(topic, b"second", kind="b")
    receiver.wait_for(1)
    assert receiver.quiet(0.5)
    assert [request.json["message"]["attributes"] for request in receiver.requests] == [{"kind": "b"}]


@pytest.mark.parametrize(
    "expression",
    [
        "kind",
        "attributes",
        "attributes.kind",
        "attributes:",
        "attributes.kind = model",
        "attributes.kind == 'model'",
        '"model" = attributes.kind',
        "attributes:kind AND",
        "(attributes:kind",
        "attributes:kind)",
        "attributes:a AND attributes:b OR attributes:c",
        'hasPrefix(attributes.kind "m")',
        'hasSuffix(attributes.kind, "m")',
        "attributes:kind; DROP",
        "attributes:" + "k" * 300,
    ],
)
def test_a_filter_with_bad_syntax_is_refused(client: Client, expression: str) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        client.subscription(client.topic(), filter=expression)
