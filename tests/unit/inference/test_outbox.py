from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from headrace.ports import Message
from services.inference.telling import backlog
from services.inference.telling.backlog import Backlog
from services.inference.telling.outbox import Outbox
from services.inference.telling.spare_time import SpareTime

from .fakes import FakeBus, FakePlatform


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


def test_beyond_its_bound_the_backlog_drops_the_oldest_and_counts_them() -> None:
    waiting = Backlog()
    for number in range(backlog.MOST_LINES + 3):
        waiting.put(_Text("tiny", b"%d" % number))
    assert (len(waiting), waiting.dropped) == (backlog.MOST_LINES, {"tiny": 3})
    assert waiting.take()[0].encode() == b"3"


def test_the_backlog_is_bounded_in_bytes_too() -> None:
    waiting = Backlog()
    for _ in range(20):
        waiting.put(_Text("tiny", b"x" * (1 << 20)))
    assert (len(waiting), waiting.dropped) == (16, {"tiny": 4})


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
    assert sum(len(message.data.split(b"\n")) for message in platform.fake_bus.messages) == 30
    assert box.published == {"w0": 15, "w1": 15}
    assert {message.attributes["workload"] for message in platform.fake_bus.messages} == {"w0", "w1"}


def test_a_line_that_cannot_be_written_is_dropped_alone(tmp_path: Path) -> None:
    platform = FakePlatform(tmp_path)
    box = Outbox("predictions", platform)
    for name, text in (("one", b"first"), ("two", b"unwritable"), ("two", b"x" * 9_500_000), ("one", b"last")):
        box.put(_Text(name, text))
    box.close(5)
    assert b"\n".join(message.data for message in platform.fake_bus.messages) == b"first\nlast"
    assert (box.published, box.dropped) == ({"one": 2}, {"two": 2})


def test_closing_gives_up_on_a_bus_that_stays_down_and_says_what_was_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    platform = FakePlatform(tmp_path)
    platform.fake_bus.down = True
    box = Outbox("predictions", platform)
    box.put(_Text("tiny", b"lost"))
    box.close(0.5)
    assert (box.published, box.dropped) == ({}, {"tiny": 1})
    assert "were lost" in caplog.text


class _Hanging(FakeBus):
    """Takes for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.over = Event()

    def publish(self, *messages: Message) -> None:
        self.over.wait(10)
        super().publish(*messages)


def test_closing_leaves_no_line_behind_that_waited_for_time(tmp_path: Path) -> None:
    platform = FakePlatform(tmp_path)
    box = Outbox("predictions", platform)
    spare = SpareTime(lambda: True, lambda: box.crowded)

    class Waiting(_Text):
        def encode(self) -> bytes:
            return b"whole" if spare.comes() else b"bare"

    for _ in range(500):
        box.put(Waiting("tiny", b"x"))
    box.close(5)
    told = [line for message in platform.fake_bus.messages for line in message.data.split(b"\n")]
    assert len(told) == 500
    assert told.count(b"bare") == spare.missed > 450


def test_closing_does_not_wait_for_a_bus_that_hangs(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bus = _Hanging()
    box = Outbox("predictions", FakePlatform(tmp_path, bus))
    box.put(_Text("tiny", b"lost"))
    started = monotonic()
    box.close(0.5)
    assert monotonic() - started < 3
    assert "were lost" in caplog.text
    bus.over.set()


class _Counting(FakeBus):
    """Counts its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def publish(self, *messages: Message) -> None:
        self.calls += 1
        super().publish(*messages)


def test_what_was_put_meanwhile_is_published_together_whatever_its_workloads(tmp_path: Path) -> None:
    bus = _Counting()
    box = Outbox("predictions", FakePlatform(tmp_path, bus))
    for number in range(300):
        box.put(_Text(f"w{number % 30}", b"a line"))
    box.close(5)
    assert (len(bus.messages), bus.calls) == (30, 1)
    assert box.published == {f"w{number}": 10 for number in range(30)}
