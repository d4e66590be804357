import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from headrace.events import ModelPromoted
from services.inference.hosting.sources import PinRefused, Source, pin
from services.inference.service import Inference

from .fakes import FakePlatform, tiny
from .running import Client, serving, until

ROOT = Path(__file__).parents[3]
RUN = "8f1d3f0b6c2e4a56b7c8d9e0f1a2b3c4"


@contextmanager
def _pinned(platform: FakePlatform, folder: Path, text: str) -> Iterator[Client]:
    _, source = pin(text)
    workload = replace(tiny(), source=source)
    with serving(lambda: Inference(platform, [workload], folder / "cache", poll=0.1)) as client:
        until(lambda: client.get("/ready").ok)
        yield client


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("tiny=models:/tiny/3", Source(pinned=3)),
        ("tiny=models:/tiny@shiny", Source("shiny")),
        (f"tiny=runs:/{RUN}/export", Source(pinned=0, run=RUN, path="export")),
        (f"tiny=runs:/{RUN}/a/b.c", Source(pinned=0, run=RUN, path="a/b.c")),
    ],
)
def test_a_pin_names_a_version_an_alias_or_what_a_run_logged(text: str, source: Source) -> None:
    assert pin(text) == ("tiny", source)
    assert text == f"tiny={source.uri('tiny')}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tiny", "'tiny' is no pin; write WORKLOAD=URI"),
        ("=models:/tiny/3", "is no pin"),
        ("tiny=", "is no pin"),
        ("tiny=3", "'3' names no model; write models:/NAME/3, models:/NAME@alias or runs:/RUN_ID/path"),
        ("tiny=models:/tiny", "names no model"),
        ("tiny=models:/tiny/0", "names no model"),
        ("tiny=models:/tiny/latest", "names no model"),
        ("tiny=models:/tiny/Production", "names no model"),
        ("tiny=models:/m-4f2a", "names no model"),
        ("tiny=runs:/abc", "names no model"),
        ("tiny=runs:/abc/../etc", "names no model"),
        ("tiny=file:///tmp/model", "names no model"),
        ("tiny=models:/other/3", "is a model of other; tiny can be pinned to its own models only"),
    ],
)
def test_what_is_no_pin_is_refused_with_a_sentence(text: str, words: str) -> None:
    with pytest.raises(PinRefused) as refused:
        pin(text)
    assert words in str(refused.value)


def test_a_pinned_version_answers_whatever_the_champion_is_and_says_so(platform: FakePlatform, tmp_path: Path) -> None:
    platform.fake_registry.publish("tiny", 2)
    with _pinned(platform, tmp_path, "tiny=models:/tiny/1") as client:
        answer = client.post("/predict", {"a": 1, "b": 2}).json()
        assert (answer["score"], answer["version"], answer["alias"]) == (1003.0, 1, "pinned")
        promoted = ModelPromoted(workload="tiny", version=2, change=2, actor="test", reason="better")
        assert client.push(promoted).status_code == 204
        assert client.version() == 1
        model = client.get("/models").json()["models"][0]
        assert (model["pin"], model["alias"], model["swaps"]) == ("models:/tiny/1", "pinned", 1)


def test_a_pinned_alias_is_followed_and_the_champion_is_not(platform: FakePlatform, tmp_path: Path) -> None:
    platform.fake_registry.publish("tiny", 2, alias="shiny")
    with _pinned(platform, tmp_path, "tiny=models:/tiny@shiny") as client:
        answer = client.post("/predict", {"a": 1, "b": 2}).json()
        assert (answer["version"], answer["alias"]) == (2, "shiny")
        platform.fake_registry.publish("tiny", 3)
        platform.fake_registry.publish("tiny", 4, alias="shiny")
        until(lambda: client.version() == 4)
        assert client.get("/models").json()["models"][0]["pin"] == "models:/tiny@shiny"


def test_what_a_run_logged_answers_without_a_number(platform: FakePlatform, tmp_path: Path) -> None:
    platform.fake_registry.publish("tiny", 7)
    with _pinned(platform, tmp_path, "tiny=runs:/run7/export") as client:
        answer = client.post("/predict", {"a": 1, "b": 2}).json()
        assert (answer["score"], answer["version"], answer["alias"]) == (7003.0, 0, "pinned")
        assert client.get("/models").json()["models"][0]["pin"] == "runs:/run7/export"


def test_a_pinned_version_is_served_from_the_cache_when_the_registry_is_down(
    platform: FakePlatform, tmp_path: Path
) -> None:
    with _pinned(platform, tmp_path, "tiny=runs:/run1/export"):
        pass
    platform.fake_registry.down = True
    with _pinned(platform, tmp_path, "tiny=runs:/run1/export") as client:
        assert client.post("/predict", {"a": 1, "b": 2}).json()["score"] == 1003.0


def test_a_pin_on_a_version_that_is_not_there_is_never_ready(platform: FakePlatform, tmp_path: Path) -> None:
    workload = replace(tiny(), source=Source(pinned=9))
    with serving(lambda: Inference(platform, [workload], tmp_path / "cache", poll=0.1)) as client:
        until(lambda: client.get("/models").json()["registry"]["followed"])
        assert "no model is loaded of tiny" in client.get("/ready").json()["reason"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--pin", "loan_default=models:/loan_default"], "'models:/loan_default' names no model"),
        (["--pin", "cats_dogs=models:/cats_dogs/3", "--only", "sentiment"], "'cats_dogs' is pinned, but not served"),
        (["--only", "loans"], "no workload named 'loans'; there are"),
    ],
)
def test_the_command_refuses_what_it_cannot_serve_before_it_starts(arguments: list[str], words: str) -> None:
    command = [sys.executable, "-m", "services.inference.main", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert words in done.stderr
