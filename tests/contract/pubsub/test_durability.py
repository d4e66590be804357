"""What the local server has answered survives its death; clients and receivers carry on with the next process."""

import base64
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.contract.pubsub.client import Client
from tests.contract.pubsub.receiver import Receiver
from tests.contract.pubsub.servers import Server, free_port

Start = Callable[..., Server]
Connect = Callable[[Server], Client]

PUBLISHER_RESTS = 60
"""Seconds: where a stream's tries have put gRPC's connections to rest, Google's publisher is refused at once, and rests
up to 0.1, 0.4, 1.6, 6.4 and 25.6 s between its own tries."""


def test_messages_that_were_not_pushed_survive_a_kill(
    own_server: Start, client_of: Connect, receiver: Receiver
) -> None:
    server = own_server()
    client = client_of(server)
    topic = client.topic()
    receiver.always(500)
    client.push(topic, receiver.url, retry_policy={"minimum_backoff": timedelta(seconds=1)})
    ids = client.publish_all(topic, [{"data": b"%d" % number} for number in range(500)])
    receiver.wait_for(50)
    server.end(signal.SIGKILL)
    before = receiver.settled()
    receiver.always(204)
    server.start()
    receiver.wait_for(before + 500)
    assert {one.json["message"]["messageId"] for one in receiver.requests[before:]} == set(ids)
    assert receiver.quiet(0.5)


def test_a_push_cut_short_by_a_kill_is_made_again_as_the_same_attempt(
    own_server: Start, client_of: Connect, receiver: Receiver
) -> None:
    server, released = own_server(), threading.Event()
    client = client_of(server)
    topic = client.topic()
    receiver.answer = lambda _: 204 if len(receiver.requests) > 1 or released.wait(30) else 500
    client.push(topic, receiver.url, ack_deadline_seconds=600, dead_letter_policy={"dead_letter_topic": client.topic()})
    client.publish(topic, b"data")
    receiver.wait_for(1)
    server.end(signal.SIGKILL)
    server.start()
    attempts = [request.json["deliveryAttempt"] for request in receiver.wait_for(2)]
    released.set()
    assert attempts == [1, 1]


def test_an_acknowledged_message_stays_acknowledged_after_a_kill(own_server: Start, client_of: Connect) -> None:
    server = own_server()
    client = client_of(server)
    topic = client.topic()
    subscription = client.subscription(topic)
    client.publish_all(topic, [{"data": b"done"}, {"data": b"open"}])
    done, _ = client.pull(subscription, 2)
    client.acknowledge(subscription, done)
    server.end(signal.SIGKILL)
    server.start()
    client.subscriber.seek(request={"subscription": subscription, "time": done.message.publish_time})
    assert [one.message.data for one in client.pull(subscription)] == [b"open"]


def test_a_client_acknowledges_after_a_restart_what_it_pulled_before(own_server: Start, client_of: Connect) -> None:
    server = own_server()
    client = client_of(server)
    topic = client.topic()
    subscription = client.subscription(topic)
    client.publish(topic, b"data")
    received = client.pull(subscription)
    server.end()
    server.start()
    client.acknowledge(subscription, *received)
    client.subscriber.modify_ack_deadline(
        subscription=subscription, ack_ids=[received[0].ack_id], ack_deadline_seconds=0
    )
    assert not client.pull_now(subscription)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_streaming_client_carries_on_after_a_restart(
    own_server: Start, client_of: Connect, number: signal.Signals
) -> None:
    server = own_server()
    client = client_of(server)
    topic = client.topic()
    subscription = client.subscription(topic)
    got, first, second = set[bytes](), threading.Event(), threading.Event()

    def take(message: Any) -> None:
        got.add(message.data)
        message.ack()
        (second if b"after" in got else first).set()

    with client.streaming(subscription, take):
        client.publish(topic, b"before")
        assert first.wait(20)
        server.end(number)
        server.start()
        client.publisher.publish(topic, b"after").result(timeout=PUBLISHER_RESTS)
        assert second.wait(30)


def test_order_survives_a_kill(own_server: Start, client_of: Connect, receiver: Receiver) -> None:
    server = own_server()
    client = client_of(server)
    topic = client.topic()
    receiver.always(500)
    client.push(topic, receiver.url, enable_message_ordering=True)
    client.publish_all(topic, [{"data": b"%d" % number, "ordering_key": "key"} for number in range(20)])
    receiver.wait_for(2)
    server.end(signal.SIGKILL)
    before = receiver.settled()
    receiver.always(204)
    server.start()
    receiver.wait_for(before + 20)
    data = [base64.b64decode(one.json["message"]["data"]) for one in receiver.requests[before:]]
    assert data == [b"%d" % number for number in range(20)]


def test_message_ids_are_not_given_twice_over_a_restart(own_server: Start, client_of: Connect) -> None:
    server = own_server()
    client = client_of(server)
    topic = client.topic()
    before = client.publish_all(topic, [{"data": b"data"}] * 1000)
    server.end(signal.SIGKILL)
    server.start()
    after = client.publish_all(topic, [{"data": b"data"}] * 1000)
    assert len({*before, *after}) == 2000


def test_a_second_server_on_the_same_state_is_refused(own_server: Start, tmp_path: Path) -> None:
    own_server()
    command = [sys.executable, "-m", "localcloud", "pubsub", "--port", str(free_port())]
    second = subprocess.run([*command, "--state", str(tmp_path / "state")], capture_output=True, text=True, timeout=30)
    assert second.returncode != 0
    assert "another server" in second.stderr


def test_a_second_server_on_the_same_port_is_refused(own_server: Start, tmp_path: Path) -> None:
    port = own_server().address.partition(":")[2]
    command = [sys.executable, "-m", "localcloud", "pubsub", "--port", port, "--state", str(tmp_path / "other")]
    second = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert second.returncode != 0
    assert "choose another port" in second.stderr
