import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from headrace import tracing
from headrace.ports import Message
from services.inference.telling import backlog
from services.inference.telling.backlog import Backlog
from services.inference.telling.outbox import Outbox

from .fakes import FakeBus, FakePlatform
from .running import Client, lines, until

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass
class _Text:
    workload: str
    text: bytes

    @property
    def size(self) -> int:
        return len(self.text)

    def encode(self) -> bytes:
        if self.text == b"unwritable":
            raise ValueError("unwritable")
        return self.text


def test_every_answer_is_logged_without_what_must_not_be_kept(client: Client, platform: FakePlatform) -> None:
    client.post("/predict", {"a": 1, "b": 2, "secret": "x"}, x_request_id="r-1", traceparent=TRACE)
    client.post("/predict", [{"a": 1, "b": 2}, {"a": 3, "b": 4}], x_request_id="r-2")
    until(lambda: len(lines(platform.fake_bus, "predictions")) == 2)
    one, many = lines(platform.fake_bus, "predictions")
    assert one["instances"] == [{"a": 1, "b": 2}]
    assert one["predictions"] == [{"score": 1003.0}]
    assert (one["request_id"], one["workload"], one["version"]) == ("r-1", "tiny", 1)
    assert one["trace"] == tracing.parse(TRACE).trace_id
    assert datetime.fromisoformat(one["time"]) <= datetime.now(UTC)
    assert 0 < one["latency_ms"] < 5000
    assert len(many["instances"]) == len(many["predictions"]) == 2
    assert "secret" not in json.dumps([one, many])


def test_lines_of_a_moment_travel_as_one_message_of_their_workload(client: Client, platform: FakePlatform) -> None:
    for _ in range(50):
        client.post("/predict", {"a": 1, "b": 2})
    until(lambda: len(lines(platform.fake_bus, "predictions")) == 50)
    messages = platform.fake_bus.messages
    assert len(messages) < 10
    assert all(message.attributes == {"workload": "tiny"} for message in messages)


def test_refused_requests_are_not_logged(client: Client, platform: FakePlatform) -> None:
    client.post("/predict", {"a": "x"})
    client.post("/predict", {"a": 1, "b": 2}, x_request_id="last")
    until(lambda: platform.fake_bus.messages)
    assert [line["request_id"] for line in lines(platform.fake_bus, "predictions")] == ["last"]


def test_feedback_travels_by_request_id_and_row(client: Client, platform: FakePlatform) -> None:
    one = client.post("/models/tiny/feedback", {"request_id": "r-1", "label": "paid"})
    assert (one.status_code, one.json()["accepted"]) == (202, 1)
    several = [{"request_id": "r-2", "index": 1, "label": 0}, {"request_id": "r-2", "index": 0, "label": 1.5}]
    assert client.post("/models/tiny/feedback", {"feedback": several}).json()["accepted"] == 2
    until(lambda: len(lines(platform.fake_bus, "feedback")) == 3)
    told = lines(platform.fake_bus, "feedback")
    assert [(line["request_id"], line["index"], line["label"]) for line in told] == [
        ("r-1", 0, "paid"),
        ("r-2", 1, "0"),
        ("r-2", 0, "1.5"),
    ]
    assert {line["workload"] for line in told} == {"tiny"}
    assert all(line["time"] for line in told)


def test_lines_wait_for_a_bus_that_is_down(client: Client, platform: FakePlatform) -> None:
    platform.fake_bus.down = True
    for number in range(5):
        assert client.post("/predict", {"a": number, "b": 2}).ok
    platform.fake_bus.down = False
    until(lambda: len(lines(platform.fake_bus, "predictions")) == 5)
    until(lambda: client.get("/models").json()["logs"]["predictions"]["published"] == 5)


def test_beyond_its_bound_the_backlog_drops_the_oldest_and_counts_them() -> None:
    waiting = Backlog()
    for number in range(backlog.MOST_LINES + 3):
        waiting.put(_Text("tiny", b"%d" % number))
    assert (len(waiting), waiting.dropped) == (backlog.MOST_LINES, 3)
    assert waiting.take()[0].encode() == b"3"


def test_the_backlog_is_bounded_in_bytes_too() -> None:
    waiting = Backlog()
    for _ in range(20):
        waiting.put(_Text("tiny", b"x" * (1 << 20)))
    assert (len(waiting), waiting.dropped) == (16, 4)


def test_a_closed_backlog_gives_what_it_has_and_then_nothing() -> None:
    waiting = Backlog()
    waiting.put(_Text("tiny", b"last"))
    waiting.close()
    assert [line.encode() for line in waiting.take()] == [b"last"]
    assert waiting.take() == []


def test_no_message_grows_beyond_what_a_batch_may_be(tmp_path: Path) -> None:
    platform = FakePlatform(tmp_path)
    box = Outbox("predictions", platform)
    for number in range(30):
        box.put(_Text(f"w{number % 2}", b"x" * 200_000))
    box.close(5)
    assert max(len(message.data) for message in platform.fake_bus.messages) <= backlog.BATCH_BYTES
    assert sum(len(message.data.split(b"\n")) for message in platform.fake_bus.messages) == box.published == 30
    assert {message.attributes["workload"] for message in platform.fake_bus.messages} == {"w0", "w1"}


def test_a_line_that_cannot_be_written_is_dropped_alone(tmp_path: Path) -> None:
    platform = FakePlatform(tmp_path)
    box = Outbox("predictions", platform)
    for text in (b"first", b"unwritable", b"x" * 9_500_000, b"last"):
        box.put(_Text("tiny", text))
    box.close(5)
    assert b"\n".join(message.data for message in platform.fake_bus.messages) == b"first\nlast"
    assert (box.published, box.dropped) == (2, 2)


def test_closing_gives_up_on_a_bus_that_stays_down_and_says_what_was_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    platform = FakePlatform(tmp_path)
    platform.fake_bus.down = True
    box = Outbox("predictions", platform)
    box.put(_Text("tiny", b"lost"))
    box.close(0.5)
    assert (box.published, box.dropped) == (0, 1)
    assert "were lost" in caplog.text


class _Hanging(FakeBus):
    """Takes for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.over = Event()

    def publish(self, message: Message) -> None:
        self.over.wait(10)
        super().publish(message)


def test_closing_does_not_wait_for_a_bus_that_hangs(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bus = _Hanging()
    box = Outbox("predictions", FakePlatform(tmp_path, bus))
    box.put(_Text("tiny", b"lost"))
    started = monotonic()
    box.close(0.5)
    assert monotonic() - started < 3
    assert "were lost" in caplog.text
    bus.over.set()
