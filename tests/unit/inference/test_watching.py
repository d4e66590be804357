"""A champion that fails on what it is asked: it is told of when that is sure, and never for the faults of others."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headrace.events import ModelPromoted, ModelUnserved
from headrace.workload import Arrays, Codec, Instance
from services.inference.hosting.watch import ROUND, Watch
from services.inference.service import Inference

from .fakes import FakePlatform, TinyCodec, TinyServing, tiny
from .running import Client, announced, serving, until


class Moody(TinyCodec):
    """Crashes where `a` is 13."""

    def encode(self, instances: Any) -> Arrays:
        if any(instance.get("a") == 13 for instance in instances):
            raise RuntimeError("13")
        return super().encode(instances)


class Serving(TinyServing):
    def open(self, _: Path) -> Codec:
        return Moody()


@pytest.fixture
def moody(platform: FakePlatform, tmp_path: Path) -> Iterator[Client]:
    """A service whose champion fails on some requests; it looks at the registry often."""
    with serving(lambda: Inference(platform, [tiny(serving=Serving())], tmp_path / "cache", poll=0.1)) as client:
        until(lambda: client.get("/ready").ok)
        yield client


def ask(client: Client, instance: Instance, times: int) -> set[int]:
    return {client.post("/predict", instance).status_code for _ in range(times)}


def looked(client: Client, platform: FakePlatform) -> None:
    """Return when the service has looked around since: it follows what was promoted now."""
    platform.fake_registry.publish("tiny", 2)
    until(lambda: client.version() == 2)


def test_a_champion_that_fails_on_too_many_requests_is_told_of_once(moody: Client, platform: FakePlatform) -> None:
    assert ask(moody, {"a": 1, "b": 2}, 20) == {200}
    assert ask(moody, {"a": 13, "b": 2}, 30) == {500}
    until(lambda: announced(platform.fake_bus))
    ask(moody, {"a": 13, "b": 2}, 20)
    looked(moody, platform)
    (fact,) = announced(platform.fake_bus)
    assert isinstance(fact, ModelUnserved)
    assert (fact.version, fact.alias) == (1, "champion")
    assert fact.reason.endswith("requests failed; 5.00% are allowed")


def test_requests_that_are_wrong_are_no_fault_of_the_champion(moody: Client, platform: FakePlatform) -> None:
    assert ask(moody, {"a": "one", "b": 2}, 60) == {422}
    assert ask(moody, {"a": 1, "b": 2}, 5) == {200}
    looked(moody, platform)
    assert announced(platform.fake_bus) == []


def test_the_next_champion_does_not_answer_for_the_last_one(moody: Client, platform: FakePlatform) -> None:
    ask(moody, {"a": 13, "b": 2}, 15)  # too few to be sure
    platform.fake_registry.publish("tiny", 2)
    moody.push(ModelPromoted(workload="tiny", version=2, change=2, actor="test", reason="better"))
    assert moody.version() == 2
    assert ask(moody, {"a": 1, "b": 2}, 20) == {200}
    assert announced(platform.fake_bus) == []


def counted(watch: Watch, good: int, bad: int) -> str:
    """What is found when so many requests fail, spread among those that do not."""
    for number in range(good + bad):
        is_bad = number * bad // (good + bad) != (number + 1) * bad // (good + bad)
        (watch.failed if is_bad else watch.answered)(1)
    return watch.fault


def test_what_is_within_its_bound_is_left_alone_however_long_it_goes_on() -> None:
    assert counted(Watch(1, 0.05), 9_600, 400) == ""
    assert counted(Watch(1, 0.05), 360, 40) != ""


def test_what_begins_to_fail_late_is_found_however_long_it_did_well() -> None:
    watch = Watch(1, 0.05)
    assert counted(watch, 100_000, 0) == ""
    assert counted(watch, ROUND // 2, 0) == ""
    assert counted(watch, 0, ROUND // 4) == "250 of its last 750 requests failed; 5.00% are allowed"


def test_nothing_is_found_of_another_version_or_without_a_bound() -> None:
    other = Watch(2, 0.05)
    assert counted(other, 0, 100) == ""
    assert counted(Watch(1, None), 0, 100) == ""
