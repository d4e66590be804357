"""More requests than a slow model answers: they wait in bounds, in time, or not at all."""

import json
import os
import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock
from typing import Any

import pytest
import requests

from headrace.workload import Arrays, Codec, Instance
from services.inference.hosting.models import Workload
from services.inference.service import Inference
from services.inference.telling import backlog
from services.inference.telling.prediction_log import SMALL_BODY
from services.studio.reading import exposition

from .fakes import FakePlatform, TinyCodec, TinyServing, tiny
from .running import Client, lines, serving, until

THREADS = min(4, os.cpu_count() or 1)
HELD = {"a": 0, "b": 0}
"""A row that is answered when the test says so."""


class Slow(TinyCodec):
    """Takes 5 ms a row, and keeps rows whose `a` is 0 until `let_go`; remembers the rows of each call."""

    def __init__(self) -> None:
        self.calls: list[list[float]] = []
        self.let_go = Event()
        self._lock = Lock()

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        with self._lock:
            self.calls.append([row["a"] for row in instances])
        time.sleep(0.005 * len(instances))
        if instances[0]["a"] == 0:
            self.let_go.wait(10)
        return super().encode(instances)


class _SlowServing(TinyServing):
    def __init__(self) -> None:
        self.codec = Slow()

    def open(self, _: Path) -> Codec:
        return self.codec


@contextmanager
def _slow(platform: FakePlatform, folder: Path, *others: Workload, **limits: Any) -> Iterator[tuple[Client, Slow]]:
    """A service whose threads hold a row each until they are let go, while two rows more wait; it has `others`, too."""
    slow = _SlowServing()
    workload = tiny(serving=slow, **limits)
    with (
        serving(lambda: Inference(platform, [workload, *others], folder / "cache")) as client,
        ThreadPoolExecutor(THREADS + 2) as threads,
    ):
        until(lambda: client.get("/ready").ok)
        held = [threads.submit(client.post, "/models/tiny/predict", HELD) for _ in range(THREADS + 2)]
        try:
            until(lambda: 'headrace_waiting_rows{workload="tiny"} 2' in client.get("/metrics").text)
            yield client, slow.codec
        finally:
            slow.codec.let_go.set()
        assert {each.result().status_code for each in held} <= {200, 504}


def test_beyond_its_bound_a_queue_answers_429_and_when_to_come_back(platform: FakePlatform, tmp_path: Path) -> None:
    with _slow(platform, tmp_path, queue=2, timeout_seconds=5) as (client, slow):
        answer = client.post("/predict", [{"a": 1, "b": 1}] * 3)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) >= 1
        assert "rows waiting, as many as may" in answer.json()["error"]
        slow.let_go.set()
        until(lambda: client.post("/predict", [{"a": 1, "b": 1}] * 3).ok)


def test_who_has_no_time_is_told_in_time_and_not_computed(platform: FakePlatform, tmp_path: Path) -> None:
    with _slow(platform, tmp_path) as (client, slow):
        for headers in ({"x_request_timeout": "0.2"}, {"grpc_timeout": "200m"}):
            started = time.monotonic()
            answer = client.post("/predict", {"a": 7, "b": 1}, **headers)
            assert answer.status_code == 504
            assert time.monotonic() - started < 2
        slow.let_go.set()
        assert client.post("/predict", {"a": 8, "b": 1}).ok
        assert [7] not in slow.calls


def test_without_a_word_of_the_client_the_workload_says_how_long_an_answer_may_take(
    platform: FakePlatform, tmp_path: Path
) -> None:
    with _slow(platform, tmp_path, timeout_seconds=0.2) as (client, _):
        assert client.post("/predict", {"a": 7, "b": 1}).status_code == 504
        assert client.post("/predict", {"a": 7, "b": 1}, x_request_timeout="60").status_code == 504


@pytest.mark.parametrize("header", ["x-request-timeout", "grpc-timeout"])
def test_a_deadline_that_is_none_is_refused(client: Client, header: str) -> None:
    answer = client.post("/predict", {"a": 1, "b": 2}, **{header: "soon"})
    assert answer.status_code == 400
    assert f"{header} is 'soon'" in answer.json()["error"]


def test_what_waits_for_a_client_that_left_is_not_computed(platform: FakePlatform, tmp_path: Path) -> None:
    body = json.dumps({"a": 7, "b": 1}).encode()
    with _slow(platform, tmp_path) as (client, slow):
        host, port = client.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as wire:
            wire.sendall(b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
            until(lambda: f'headrace_in_flight{{workload="tiny"}} {THREADS + 3}' in client.get("/metrics").text)
        until(lambda: 'api="predict",status="499"} 1' in client.get("/metrics").text)
        slow.let_go.set()
        assert client.post("/predict", {"a": 8, "b": 1}).ok
        assert [7] not in slow.calls


def test_what_large_requests_were_asked_is_not_logged_where_answering_leaves_no_time_for_it(
    platform: FakePlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "MOST_LINES", 200)
    monkeypatch.setattr(backlog, "BATCH_SECONDS", 0.01)
    platform.fake_registry.publish("quick", 1)
    row, rest = b'{"a": 1, "b": 2}', b" " * 2 * SMALL_BODY
    with _slow(platform, tmp_path, tiny("quick")) as (client, _):
        asked = 0
        while (bare := _bare(client)) < 50:
            assert client.post("/models/quick/predict", row + rest).ok
            asked += 1
        assert client.post("/models/quick/predict", row).ok
    told = [line for line in lines(platform.fake_bus, "predictions") if line["workload"] == "quick"]
    assert len(told) == asked + 1
    assert [line["instances"] for line in told].count([]) >= bare
    assert told[0]["instances"] == told[-1]["instances"] == [{"a": 1, "b": 2}]
    assert all(line["predictions"] == [{"score": 1003.0}] for line in told)


def _bare(client: Client) -> int:
    counted = exposition.parse(client.get("/metrics").text)["headrace_log_bare_lines_total"]
    return next(int(each.value) for each in counted if each.labels["workload"] == "quick")


def test_rows_wait_for_others_as_long_as_the_workload_says(platform: FakePlatform, tmp_path: Path) -> None:
    with (
        serving(lambda: Inference(platform, [tiny(gather_ms=150)], tmp_path)) as client,
        ThreadPoolExecutor(8) as threads,
    ):
        until(lambda: client.get("/ready").ok)
        answers = list(threads.map(lambda a: Client(client.url).post("/predict", {"a": a, "b": 0}), range(8)))
        assert [answer.json()["score"] for answer in answers] == [1000.0 + a for a in range(8)]
        calls = client.get("/metrics").text
    assert 'headrace_call_rows_sum{workload="tiny"} 8' in calls
    assert 'headrace_call_rows_count{workload="tiny"} 8' not in calls


def test_a_row_that_waits_for_others_keeps_its_deadline_and_is_dropped_when_its_client_leaves(
    platform: FakePlatform, tmp_path: Path
) -> None:
    with serving(lambda: Inference(platform, [tiny(gather_ms=1000)], tmp_path)) as client:
        until(lambda: client.get("/ready").ok)
        url, soon = f"{client.url}/predict", {"x-request-timeout": "0.05"}
        assert requests.post(url, json={"a": 1, "b": 0}, headers=soon, timeout=0.9).status_code == 504
        with pytest.raises(requests.ReadTimeout):
            requests.post(url, json={"a": 2, "b": 0}, timeout=0.2)
        until(lambda: 'api="predict",status="499"} 1' in client.get("/metrics").text)
        assert client.post("/predict", {"a": 3, "b": 0}).ok
        assert 'headrace_call_rows_sum{workload="tiny"} 1.0\n' in client.get("/metrics").text


def test_rows_wait_no_longer_once_there_are_as_many_as_a_call_takes(platform: FakePlatform, tmp_path: Path) -> None:
    workload = tiny(gather_ms=1000, batch=8)
    with serving(lambda: Inference(platform, [workload], tmp_path)) as client, ThreadPoolExecutor(8) as threads:
        until(lambda: client.get("/ready").ok)
        started = time.monotonic()
        answers = list(threads.map(lambda a: Client(client.url).post("/predict", {"a": a, "b": 0}), range(8)))
        assert all(answer.ok for answer in answers)
        assert time.monotonic() - started < 0.8


def test_a_large_row_keeps_nobody_waiting(platform: FakePlatform, tmp_path: Path) -> None:
    class Pondering(TinyCodec):
        def encode(self, instances: Sequence[Instance]) -> Arrays:
            if "c" in instances[0]:
                reading.set()
                read.wait(10)
            return super().encode(instances)

    class PonderingServing(TinyServing):
        def open(self, _: Path) -> Codec:
            return Pondering()

    reading, read = Event(), Event()
    large = {"a": 1, "b": 2, "c": "x" * 100_000}
    workload = tiny(serving=PonderingServing())
    with serving(lambda: Inference(platform, [workload], tmp_path)) as client, ThreadPoolExecutor(1) as threads:
        until(lambda: client.get("/ready").ok)
        slow = threads.submit(client.post, "/predict", large)
        try:
            assert reading.wait(5)
            assert Client(client.url).get("/health").ok
        finally:
            read.set()
        assert slow.result().json()["score"] == 1003.0
