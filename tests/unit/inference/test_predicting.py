from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import perf_counter

import pytest

from headrace import tracing
from headrace.workload import Arrays, Codec, Instance
from services.inference.service import Inference

from .fakes import FakePlatform, TinyCodec, TinyServing, tiny
from .running import Client, serving, until

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_one_instance_gets_its_prediction_and_who_made_it(client: Client) -> None:
    answer = client.post("/models/tiny/predict", {"a": 1, "b": 2}, x_request_id="mine")
    assert answer.status_code == 200
    assert answer.json() == {"score": 1003.0, "model": "tiny", "version": 1, "alias": "champion", "request_id": "mine"}


@pytest.mark.parametrize(
    "body", [[{"a": 1, "b": 2}, {"a": 3, "b": 4}], {"instances": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]}]
)
def test_a_list_gets_a_list_in_its_order(client: Client, body: object) -> None:
    answer = client.post("/models/tiny/predict", body).json()
    assert answer["predictions"] == [{"score": 1003.0}, {"score": 1007.0}]
    assert (answer["model"], answer["version"], answer["alias"]) == ("tiny", 1, "champion")


def test_a_list_of_one_is_still_a_list(client: Client) -> None:
    assert client.post("/models/tiny/predict", [{"a": 1, "b": 2}]).json()["predictions"] == [{"score": 1003.0}]


def test_a_lone_workload_answers_on_the_short_path(client: Client) -> None:
    assert client.post("/predict", {"a": 1, "b": 2}).json()["score"] == 1003.0


def test_the_short_path_names_the_long_ones_when_there_are_several(platform: FakePlatform, tmp_path: Path) -> None:
    with serving(lambda: Inference(platform, [tiny("one"), tiny("two")], tmp_path)) as client:
        answer = client.post("/predict", {"a": 1, "b": 2})
    assert answer.status_code == 404
    assert "/models/one/predict, /models/two/predict" in answer.json()["error"]


def test_a_request_keeps_its_id_and_its_trace(client: Client) -> None:
    answer = client.post("/predict", {"a": 1, "b": 2}, x_request_id="r-1", traceparent=TRACE)
    assert answer.headers["x-request-id"] == "r-1"
    assert tracing.parse(answer.headers["traceparent"]).trace_id == tracing.parse(TRACE).trace_id
    assert answer.headers["traceparent"] != TRACE


@pytest.mark.parametrize("unusable", ["", "two words", "x" * 129])
def test_an_unusable_request_id_is_replaced(client: Client, unusable: str) -> None:
    answer = client.post("/predict", {"a": 1, "b": 2}, x_request_id=unusable)
    assert len(answer.json()["request_id"]) == 32
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


class _SlowOnZero(TinyCodec):
    """Counts its calls, and takes its time over rows whose `a` is 0."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.held = Event()

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        self.sizes.append(len(instances))
        if instances[0].get("a") == 0:
            self.held.wait(10)
        return super().encode(instances)


class _Counting(TinyServing):
    def __init__(self) -> None:
        self.codec = _SlowOnZero()

    def open(self, _: Path) -> Codec:
        return self.codec


def test_rows_that_arrive_together_share_a_model_call_and_a_bad_one_fails_alone(
    platform: FakePlatform, tmp_path: Path
) -> None:
    counting = _Counting()

    def ask(number: int) -> int:
        row = {"a": number, "b": 0} if number % 10 else {"a": "ten", "b": 0}
        answer = client.post("/predict", row)
        assert answer.status_code == (200 if number % 10 else 422)
        assert not answer.ok or answer.json()["score"] == 1000 + number
        return answer.status_code

    service = Inference(platform, [tiny(serving=counting)], tmp_path)
    with serving(lambda: service) as client, ThreadPoolExecutor(16) as threads:
        until(lambda: client.get("/ready").ok)
        statuses = list(threads.map(ask, range(1, 401)))
    assert statuses.count(422) == 40
    assert max(counting.codec.sizes) > 1


def test_a_large_request_does_not_keep_others_waiting(platform: FakePlatform, tmp_path: Path) -> None:
    counting = _Counting()
    service = Inference(platform, [tiny(serving=counting, max_rows=20_000)], tmp_path)
    with serving(lambda: service) as client, ThreadPoolExecutor(1) as threads:
        until(lambda: client.get("/ready").ok)
        large = threads.submit(client.post, "/predict", [{"a": 0, "b": 0}] * 20_000)
        until(lambda: 20_000 in counting.codec.sizes)
        started = perf_counter()
        with_another = Client(client.url)
        assert with_another.post("/predict", {"a": 1, "b": 1}).ok
        with_another.session.close()
        assert perf_counter() - started < 5
        assert not large.done()
        counting.codec.held.set()
        assert len(large.result().json()["predictions"]) == 20_000


def test_an_answer_that_is_no_number_is_an_error_and_never_a_value(client: Client) -> None:
    answer = client.post("/predict", {"a": 1e38, "b": 3.4e38})
    assert answer.status_code == 500
    assert answer.json()["request_id"] in answer.json()["error"]
    assert "Traceback" not in answer.text
