"""Asking a version by its number, whichever it is that answers everybody."""

from pathlib import Path
from typing import Any

from services.inference.service import Inference

from .fakes import FakePlatform, tiny
from .running import Client, lines, serving, until
from .trials import CHALLENGER, CHAMPION, challenger, trying

NEVER: dict[str, Any] = {"mode": "canary", "share": 0.0001, "requests": 10_000}


def test_a_challenger_answers_who_asks_it_by_its_number_and_nobody_else(platform: FakePlatform, tmp_path: Path) -> None:
    with trying(platform, tmp_path, **NEVER) as client:
        for path in ("/models/tiny", ""):
            for number in (CHAMPION, CHALLENGER):
                said = client.post(f"{path}/versions/{number}/predict", {"a": 1, "b": 2}).json()
                assert (said["score"], said["version"]) == (3 + 1000 * number, number)
            assert client.post(f"{path}/predict", {"a": 1, "b": 2}).json()["version"] == CHAMPION
        assert challenger(client)["challenger"]["requests"] == 0


def test_a_list_and_a_form_may_be_asked_of_a_version_too(platform: FakePlatform, tmp_path: Path) -> None:
    with trying(platform, tmp_path, **NEVER) as client:
        url = f"/models/tiny/versions/{CHALLENGER}/predict"
        assert [each["score"] for each in client.post(url, [{"a": 1, "b": 2}] * 2).json()["predictions"]] == [
            2003,
            2003,
        ]
        form = client.session.post(client.url + url, files={"a": (None, "1"), "b": (None, "2")}, timeout=10)
        assert form.json()["score"] == 2003


def test_a_version_that_is_not_loaded_is_refused_with_those_that_are(client: Client) -> None:
    for number in ("2", "x", "01", ""):
        answer = client.post(f"/models/tiny/versions/{number}/predict", {"a": 1, "b": 2})
        assert answer.status_code == 404
    said = client.post("/models/tiny/versions/2/predict", {"a": 1, "b": 2}).json()["error"]
    assert said == "version '2' of tiny is not loaded; there is 1"


def test_what_a_version_was_asked_is_in_the_log_under_it(platform: FakePlatform, tmp_path: Path) -> None:
    with trying(platform, tmp_path, **NEVER) as client:
        client.post(f"/versions/{CHALLENGER}/predict", {"a": 1, "b": 2}, x_request_id="asked")
        until(lambda: lines(platform.fake_bus, "predictions"))
    (line,) = lines(platform.fake_bus, "predictions")
    assert (line["request_id"], line["version"], line["alias"]) == ("asked", CHALLENGER, "challenger")


def test_what_a_version_computes_in_is_told_as_its_training_said_it(platform: FakePlatform, tmp_path: Path) -> None:
    platform.fake_registry.tags["tiny", 1] = {"headrace.precision": "int8"}
    platform.fake_registry.publish("other", 1)
    with serving(lambda: Inference(platform, [tiny(), tiny("other")], tmp_path / "cache", poll=600)) as client:
        until(lambda: client.get("/ready").ok)
        told = {model["name"]: model["precision"] for model in client.get("/models").json()["models"]}
    assert told == {"tiny": "int8", "other": None}
