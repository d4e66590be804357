"""Cloud Storage subscriptions of the local server: batches become objects, acknowledged once they are written."""

import re
import signal
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from google.api_core import exceptions

from tests.contract.pubsub.client import Client
from tests.contract.pubsub.receiver import Receiver, Request
from tests.contract.pubsub.servers import Server

Start = Callable[..., Server]
Connect = Callable[[Server], Client]


def export(client: Client, topic: str, **config: Any) -> str:
    """The bucket of a new subscription that flushes after a second."""
    config = {"bucket": f"b{uuid.uuid4().hex[:8]}", "max_duration": timedelta(seconds=1), **config}
    client.subscription(topic, cloud_storage_config=config)
    bucket: str = config["bucket"]
    return bucket


def _query(upload: Request) -> dict[str, list[str]]:
    return parse_qs(urlsplit(upload.path).query)


def test_the_messages_of_a_while_become_the_lines_of_one_object(exporting: Client, sink: Receiver) -> None:
    topic = exporting.topic()
    bucket = export(exporting, topic, filename_prefix="events/", filename_suffix=".jsonl", text_config={})
    exporting.publish_all(topic, [{"data": b'{"n": %d}' % number} for number in range(3)])
    (upload,) = sink.wait_for(1, within=bucket)
    assert upload.body == b'{"n": 0}\n{"n": 1}\n{"n": 2}\n'
    assert urlsplit(upload.path).path == f"/upload/storage/v1/b/{bucket}/o"
    (name,) = _query(upload)["name"]
    assert re.fullmatch(r"events/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00_[0-9a-f]{6}\.jsonl", name)


def test_an_object_is_created_only_if_absent(exporting: Client, sink: Receiver) -> None:
    topic = exporting.topic()
    bucket = export(exporting, topic)
    exporting.publish(topic, b"data")
    query = _query(sink.wait_for(1, within=bucket)[0])
    assert (query["uploadType"], query["ifGenerationMatch"]) == (["media"], ["0"])


def test_the_time_in_an_objects_name_has_the_format_asked_for(exporting: Client, sink: Receiver) -> None:
    topic = exporting.topic()
    bucket = export(exporting, topic, filename_datetime_format="YYYY/MM/DD/hh_mm_ss")
    exporting.publish(topic, b"data")
    (name,) = _query(sink.wait_for(1, within=bucket)[0])["name"]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\d\d_\d\d_\d\d_[0-9a-f]{6}", name)


def test_a_full_batch_does_not_wait(exporting: Client, sink: Receiver) -> None:
    topic = exporting.topic()
    bucket = export(exporting, topic, max_duration=timedelta(minutes=10), max_messages=1000)
    exporting.publish_all(topic, [{"data": b"%d" % number} for number in range(999)])
    assert sink.quiet(0.5)
    exporting.publish(topic, b"999")
    assert len(sink.wait_for(1, within=bucket)[0].body.splitlines()) == 1000


def test_a_failed_write_is_repeated_under_another_name(
    exporting: Client, sink: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = exporting.topic()
    bucket = export(exporting, topic)
    answers = iter([412, 503])
    monkeypatch.setattr(sink, "answer", lambda request: next(answers, 200) if bucket in request.path else 200)
    exporting.publish(topic, b"data")
    uploads = sink.wait_for(3, within=bucket)
    assert [upload.body for upload in uploads] == [b"data\n"] * 3
    assert len({_query(upload)["name"][0] for upload in uploads}) == 3


def test_messages_that_were_not_written_survive_a_kill(own_server: Start, client_of: Connect, sink: Receiver) -> None:
    server = own_server("--storage-endpoint", sink.url.removesuffix("/push"))
    client = client_of(server)
    topic = client.topic()
    bucket = export(client, topic, max_duration=timedelta(seconds=2))
    client.publish_all(topic, [{"data": b"%d" % number} for number in range(100)])
    server.end(signal.SIGKILL)
    assert not any(bucket in request.path for request in sink.requests)
    server.start()
    assert sink.wait_for(1, within=bucket)[0].body.split() == [b"%d" % number for number in range(100)]


@pytest.mark.parametrize(
    "config",
    [
        {"bucket": ""},
        {"bucket": "gs://audit"},
        {"filename_suffix": "events/"},
        {"max_duration": timedelta(seconds=0)},
        {"max_duration": timedelta(seconds=601)},
        {"max_bytes": 999},
        {"max_messages": 999},
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(exporting: Client, config: dict[str, Any]) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        export(exporting, exporting.topic(), **config)


def test_without_a_storage_server_nothing_can_be_exported(local: Client) -> None:
    with pytest.raises(exceptions.FailedPrecondition, match="--storage-endpoint"):
        export(local, local.topic())
