"""Publishing over REST, on the port of gRPC, by Google's own client and by bare requests."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.pubsub_v1 import PublisherClient
from google.pubsub_v1.services.publisher.transports import PublisherRestTransport

from tests.contract.pubsub.client import PROJECT, Client
from tests.contract.pubsub.servers import Server


def rest_publisher(address: str) -> PublisherClient:
    transport = PublisherRestTransport(host=address, credentials=AnonymousCredentials(), url_scheme="http")
    return PublisherClient(transport=transport)


@pytest.fixture(scope="session")
def rest(client: Client) -> Iterator[PublisherClient]:
    """Google's publisher over REST on the server under test."""
    with rest_publisher(client.address) as publisher:
        yield publisher


def _post(client: Client, topic: str, body: Any) -> requests.Response:
    return requests.post(f"http://{client.address}/v1/{topic}:publish", json=body, timeout=10)


def test_a_message_published_over_rest_is_pulled_over_grpc_as_it_was(client: Client, rest: PublisherClient) -> None:
    topic = client.topic()
    subscription = client.subscription(topic, enable_message_ordering=True)
    sent = {"data": b"\x00 any bytes \xff", "attributes": {"workload": "loan_default", "ü": "é"}, "ordering_key": "k"}
    ids = rest.publish(topic=topic, messages=[sent]).message_ids
    received = client.pull(subscription)[0].message
    assert (received.data, dict(received.attributes), received.ordering_key) == tuple(sent.values())
    assert [received.message_id] == list(ids)


def test_messages_of_one_rest_request_keep_their_order(client: Client, rest: PublisherClient) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    messages = [{"data": str(number).encode()} for number in range(1000)]
    ids = list(rest.publish(topic=topic, messages=messages).message_ids)
    received = {one.message.message_id: one.message.data for one in client.pull(subscription, 1000)}
    assert [received[each] for each in ids] == [each["data"] for each in messages]


def test_several_megabytes_go_through_in_one_rest_request(client: Client, rest: PublisherClient) -> None:
    topic = client.topic()
    subscription = client.subscription(topic)
    data = bytes(range(256)) * 14_000
    rest.publish(topic=topic, messages=[{"data": data}])
    assert client.pull(subscription)[0].message.data == data


def test_publishing_to_an_unknown_topic_over_rest_is_answered_as_google_does(
    client: Client, rest: PublisherClient
) -> None:
    missing = client.name("topics")
    with pytest.raises(exceptions.NotFound):
        rest.publish(topic=missing, messages=[{"data": b"data"}])
    answer = _post(client, missing, {"messages": [{"data": "AA=="}]})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["status"]) == (404, 404, "NOT_FOUND")


def test_a_rest_message_with_neither_data_nor_attributes_is_refused(client: Client, rest: PublisherClient) -> None:
    topic = client.topic()
    with pytest.raises(exceptions.BadRequest):
        rest.publish(topic=topic, messages=[{}])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"messages": [{"date": "AA=="}]}, id="an unknown field"),
        pytest.param({"messages": [{"data": 1}]}, id="data that is a number"),
        pytest.param({"messages": [{"attributes": {"key": 1}}]}, id="an attribute that is a number"),
        pytest.param({"messages": {}}, id="messages that are no list"),
        pytest.param({"messages": []}, id="no message"),
        pytest.param([], id="no object"),
    ],
)
def test_a_rest_body_that_is_no_publish_request_is_a_bad_request(local: Client, body: Any) -> None:
    answer = _post(local, local.topic(), body)
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"attributes": {"key": "v" * 1025}}, id="a value of 1025 bytes"),
        pytest.param({"data": b"x" * 10_000_001}, id="more than 10 MB"),
    ],
)
def test_a_rest_message_over_the_services_limits_is_refused(local: Client, message: dict[str, Any]) -> None:
    with rest_publisher(local.address) as publisher, pytest.raises(exceptions.BadRequest):
        publisher.publish(topic=local.topic(), messages=[message])


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "topics"), ("PUT", "topics/topic"), ("POST", "topics/topic:seek")]
)
def test_a_rest_method_that_is_not_implemented_is_named(local: Client, method: str, path: str) -> None:
    answer = requests.request(method, f"http://{local.address}/v1/{PROJECT}/{path}", timeout=10)
    assert answer.status_code == 501
    assert f"{method} /v1/{PROJECT}/{path}" in answer.json()["error"]["message"]


def test_a_client_that_says_nothing_keeps_nobody_waiting(local: Client) -> None:
    host, _, port = local.address.partition(":")
    topic = local.topic()
    with socket.create_connection((host, int(port))):
        assert _post(local, topic, {"messages": [{"data": "AA=="}]}).ok
        local.publish(topic, b"data")


def test_what_was_published_over_rest_outlives_a_killed_server(
    own_server: Callable[..., Server], client_of: Callable[[Server], Client]
) -> None:
    server = own_server()
    client = client_of(server)
    topic = client.topic()
    subscription = client.subscription(topic)
    assert _post(client, topic, {"messages": [{"data": "AA=="}]}).ok
    server.end(9)
    server.start()
    assert client.pull(subscription)[0].message.data == b"\x00"
