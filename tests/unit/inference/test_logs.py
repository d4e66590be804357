import gc
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from headrace import tracing
from headrace.workload import Arrays, Codec, Instance
from services.inference.hosting.models import Workload
from services.inference.service import Inference
from services.inference.telling.prediction_log import SMALL_BODY, is_drawn
from services.inference.web.request import Request

from .fakes import FakePlatform, TinyCodec, TinyServing, tiny
from .running import Client, lines, serving, until

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


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


def test_a_line_says_which_alias_answered_and_that_nobody_had_to_show_a_key(
    client: Client, platform: FakePlatform
) -> None:
    client.post("/predict", {"a": 1, "b": 2})
    until(lambda: platform.fake_bus.messages)
    (line,) = lines(platform.fake_bus, "predictions")
    assert (line["alias"], line["caller"]) == ("champion", "")


def test_a_large_request_has_the_same_line_as_a_small_one(client: Client, platform: FakePlatform) -> None:
    padding = " " * SMALL_BODY
    for body in (b'{"a": 1, "b": 2, "secret": "x"}', b'{"a": 1, "b": 2, "secret": "x"%s}' % padding.encode()):
        assert client.post("/predict", body, x_request_id="r", traceparent=TRACE).ok
    until(lambda: len(lines(platform.fake_bus, "predictions")) == 2)
    small, large = lines(platform.fake_bus, "predictions")
    for each in (small, large):
        del each["time"], each["latency_ms"]
    assert small == large


class _Unloggable(TinyServing):
    def loggable(self, instances: Sequence[Instance]) -> list[Instance]:
        raise KeyError("a workload's mistake")


def test_a_line_that_cannot_be_made_costs_no_answer(
    platform: FakePlatform, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(lambda: Inference(platform, [tiny(serving=_Unloggable())], tmp_path / "cache")) as client:
        until(lambda: client.get("/ready").ok)
        assert client.post("/predict", {"a": 1, "b": 2}).json()["score"] == 1003.0
        until(lambda: client.get("/models").json()["logs"]["predictions"]["dropped"] == 1)
    assert "a workload's mistake" in caplog.text
    assert platform.fake_bus.messages == []


def shared(share: float) -> Workload:
    workload = tiny()
    limits = workload.description.serving.model_copy(update={"log_share": share})
    return replace(workload, description=workload.description.model_copy(update={"serving": limits}))


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_the_share_of_requests_that_is_logged_follows_from_their_ids(
    platform: FakePlatform, tmp_path: Path, share: float
) -> None:
    asked = [f"r-{number}" for number in range(60)]
    drawn = [name for name in asked if is_drawn(name, share)]
    with serving(lambda: Inference(platform, [shared(share)], tmp_path / "cache")) as client:
        until(lambda: client.get("/ready").ok)
        for name in (*asked, *asked):
            assert client.post("/predict", {"a": 1, "b": 2}, x_request_id=name).ok
    assert [line["request_id"] for line in lines(platform.fake_bus, "predictions")] == [*drawn, *drawn]
    assert share == 0 or 5 < len(drawn) < 40


def test_the_draw_is_even_and_a_larger_share_holds_a_smaller_one() -> None:
    names = [f"{number:032x}" for number in range(20_000)]
    tenth, half = ({name for name in names if is_drawn(name, share)} for share in (0.1, 0.5))
    assert len(tenth) == pytest.approx(2000, abs=200)
    assert len(half) == pytest.approx(10_000, abs=400)
    assert tenth < half
    assert (sum(is_drawn(name, 0) for name in names), sum(is_drawn(name, 1) for name in names)) == (0, 20_000)


class _Drawing(TinyCodec):
    """Answers with a picture too."""

    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        return [{**answer, "image": b"a picture"} for answer in super().decode(outputs, instances)]


class _Pictures(TinyServing):
    def open(self, _: Path) -> Codec:
        return _Drawing()


def test_a_picture_that_was_answered_is_left_out_of_the_line(platform: FakePlatform, tmp_path: Path) -> None:
    with serving(lambda: Inference(platform, [tiny(serving=_Pictures())], tmp_path / "cache")) as client:
        until(lambda: client.get("/ready").ok)
        assert client.post("/predict", {"a": 1, "b": 2}).json()["image"] == "YSBwaWN0dXJl"
        client.post("/predict", [{"a": 1, "b": 2}] * 500)
    found = lines(platform.fake_bus, "predictions")
    assert [line["predictions"][0] for line in found] == [{"score": 1003.0}] * 2
    assert len(found[1]["predictions"]) == 500


def test_what_waits_to_be_told_holds_no_request(client: Client, platform: FakePlatform) -> None:
    platform.fake_bus.down = True
    for number in range(40):
        client.post("/predict", [{"a": number, "b": 2}] * (1 if number % 2 else 500))
    gc.collect()
    alive = [each for each in gc.get_objects() if type(each) is Request]
    platform.fake_bus.down = False
    assert len(alive) <= 2  # a connection knows its last one


def test_lines_wait_for_a_bus_that_is_down(client: Client, platform: FakePlatform) -> None:
    platform.fake_bus.down = True
    for number in range(5):
        assert client.post("/predict", {"a": number, "b": 2}).ok
    platform.fake_bus.down = False
    until(lambda: len(lines(platform.fake_bus, "predictions")) == 5)
    until(lambda: client.get("/models").json()["logs"]["predictions"]["published"] == 5)
