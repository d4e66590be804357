import socket
from pathlib import Path
from typing import Any

import pytest

from services.inference.service import Inference

from .fakes import FakePlatform, tiny
from .running import Client, serving, until

WRONG_BODIES: list[tuple[object, int, str]] = [
    (b"", 400, "not JSON"),
    (b"{", 400, "not JSON"),
    (b'{"a": NaN, "b": 1}', 400, "not JSON"),
    (b'{"a": "\xff"}', 400, "not JSON"),
    (b"[" * 100_000, 400, "not JSON"),
    (b'{"a": 1e999, "b": 1}', 400, "out of range"),
    (b"3", 400, "the body is a number"),
    (b"null", 400, "the body is null"),
    (b'"text"', 400, "the body is a string"),
    ([], 400, "'instances' is empty"),
    ({"instances": []}, 400, "'instances' is empty"),
    ({"instances": {"a": 1}}, 400, "'instances' is an object"),
    ({"instances": [{"a": 1, "b": 2}], "extra": 1}, 400, "'extra' cannot stand beside"),
    ([{"a": 1, "b": 2}, 7], 400, "instances[1] is a number"),
    ([{"a": 1, "b": 2}, [1, 2]], 400, "instances[1] is a list"),
    ([{"a": 1, "b": 2}] * 2001, 413, "at most 2000"),
    ({}, 422, "a is None"),
    ({"a": 1}, 422, "b is None"),
    ({"a": "one", "b": 2}, 422, "a is 'one'"),
    ([{"a": 1, "b": 2}, {"a": 1, "b": True}], 422, "b is True"),
]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("refusals")
    platform = FakePlatform(root / "registry")
    platform.fake_registry.publish("tiny", 1)
    with serving(lambda: Inference(platform, [tiny()], root / "cache")) as client:
        until(lambda: client.get("/ready").ok)
        yield client


@pytest.mark.parametrize(("body", "status", "words"), WRONG_BODIES)
def test_a_wrong_body_is_refused_with_a_sentence(ready: Client, body: object, status: int, words: str) -> None:
    answer = ready.post("/models/tiny/predict", body)
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "Traceback" not in answer.text
    assert ready.post("/models/tiny/predict", {"a": 1, "b": 2}).ok


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "not feedback"),
        (b"[1]", "not feedback"),
        ({"label": "x"}, "missing required field `request_id`"),
        ({"request_id": "r"}, "the feedback says nothing: it needs a label, a rating (1 to 5) or a comment"),
        ({"request_id": "r", "label": None}, "$.label"),
        ({"request_id": "r", "label": "x", "index": -1}, "$.index"),
        ({"request_id": "r", "label": "x", "colour": 1}, "colour"),
        ({"feedback": []}, "$.feedback"),
        (
            {"feedback": [{"request_id": "r", "label": "x"}, {"request_id": 1, "label": "x"}]},
            "$.feedback[1].request_id",
        ),
    ],
)
def test_wrong_feedback_is_refused_whole_and_names_the_field(ready: Client, body: object, words: str) -> None:
    answer = ready.post("/models/tiny/feedback", body)
    assert (answer.status_code, words in answer.json()["error"]) == (400, True)


def test_an_unknown_model_is_answered_with_those_there_are(ready: Client) -> None:
    for path in ("/models/loans/predict", "/models/loans/feedback"):
        answer = ready.post(path, {"a": 1})
        assert answer.status_code == 404
        assert "'loans'; there are tiny" in answer.json()["error"]


def test_an_unknown_path_points_to_the_index(ready: Client) -> None:
    answer = ready.get("/nothing/here")
    assert (answer.status_code, "GET /" in answer.json()["error"]) == (404, True)
    assert "POST /models/tiny/predict" in ready.get("/").json()["routes"]


@pytest.mark.parametrize("path", ["/predict", "/models/tiny/predict", "/models/tiny/feedback", "/events"])
def test_a_wrong_method_is_told_the_right_one(ready: Client, path: str) -> None:
    answer = ready.get(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_head_is_answered_like_get(ready: Client) -> None:
    answer = ready.session.head(ready.url + "/health", timeout=5)
    assert (answer.status_code, answer.text) == (200, "")


def test_a_body_that_announces_too_much_is_refused_unread(ready: Client) -> None:
    host, port = ready.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as wire:
        wire.sendall(b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n")
        assert wire.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_grows_too_large_is_refused_though_it_announced_nothing_and_has_no_end(ready: Client) -> None:
    host, port = ready.url.removeprefix("http://").split(":")
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    with socket.create_connection((host, int(port)), timeout=5) as wire:
        wire.sendall(b"POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n" + chunk * 129)
        answer = wire.recv(1000)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"8388608 bytes" in answer


def test_without_a_model_the_answer_is_to_come_back(platform: FakePlatform, tmp_path: Path) -> None:
    with serving(lambda: Inference(platform, [tiny("new")], tmp_path)) as client:
        answer = client.post("/models/new/predict", {"a": 1, "b": 2})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "new has no model" in answer.json()["error"]


@pytest.mark.parametrize(
    "body",
    [
        {"instances": [{"a": 1, "b": 2}], **{f"{'x' * 500}{number}": 1 for number in range(1000)}},
        {"a": "x" * 100_000, "b": 1},
        [{"a": 1, "b": 2}, {"a": [[["x" * 100]] * 1000], "b": 1}],
    ],
)
def test_a_refusal_is_short_however_much_was_sent(ready: Client, body: object) -> None:
    answer = ready.post("/models/tiny/predict", body)
    assert answer.status_code in (400, 422)
    assert len(answer.content) < 1000
