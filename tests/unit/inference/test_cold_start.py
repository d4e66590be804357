import json
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Event

import pytest

from services.inference.hosting.cache import Cache
from services.inference.hosting.models import Workload
from services.inference.service import Inference

from .fakes import FakePlatform, FakeRegistry, tiny
from .running import serving, until


def _service(platform: FakePlatform, folder: Path, *workloads: Workload) -> Inference:
    return Inference(platform, workloads or [tiny()], folder / "cache", poll=0.1)


def test_a_start_without_the_registry_serves_what_answered_last_and_follows_once_the_registry_is_back(
    platform: FakePlatform, tmp_path: Path
) -> None:
    with serving(lambda: _service(platform, tmp_path)) as client:
        until(lambda: client.get("/ready").ok)
        followed = {"followed": True, "state": "it is followed"}
        until(lambda: client.get("/models").json()["registry"] == followed)
        platform.fake_registry.publish("tiny", 2)
        until(lambda: client.version() == 2)
    platform.fake_registry.down = True
    with serving(lambda: _service(platform, tmp_path)) as client:
        until(lambda: client.get("/ready").ok)
        assert client.version() == 2
        registry = client.get("/models").json()["registry"]
        assert registry["followed"] is False
        assert registry["state"] == "it does not answer; what the cache knows answers"
        assert registry["reason"] == "the registry is down"
        assert platform.fake_registry.downloads == [("tiny", 1), ("tiny", 2)]
        platform.fake_registry.publish("tiny", 3)
        platform.fake_registry.down = False
        until(lambda: client.version() == 3)
        until(lambda: client.get("/models").json()["registry"]["followed"])


class _Hanging(FakeRegistry):
    """Takes its time over the first question."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.over = Event()

    def workloads(self) -> Mapping[str, Mapping[str, int]]:
        self.over.wait(10)
        return super().workloads()


def test_a_start_does_not_wait_for_a_registry_that_hangs_and_follows_once_it_answers(
    platform: FakePlatform, tmp_path: Path
) -> None:
    with serving(lambda: _service(platform, tmp_path)) as client:
        until(lambda: client.get("/ready").ok)
    hanging = _Hanging(tmp_path / "registry")
    hanging.publish("tiny", 2)
    platform.registry = hanging
    with serving(lambda: _service(platform, tmp_path)) as client:
        until(lambda: client.get("/ready").ok, seconds=5)
        assert client.version() == 1
        hanging.over.set()
        until(lambda: client.version() == 2)


def test_a_version_that_never_answered_is_not_what_is_served_without_the_registry(
    platform: FakePlatform, tmp_path: Path
) -> None:
    with serving(lambda: _service(platform, tmp_path)) as client:
        until(lambda: client.get("/ready").ok)
        platform.fake_registry.publish("tiny", 2, content=b"not a graph")
        until(lambda: client.get("/models").json()["models"][0]["failures"] == 1)
    platform.fake_registry.down = True
    with serving(lambda: _service(platform, tmp_path)) as client:
        until(lambda: client.get("/ready").ok)
        assert client.version() == 1


def test_a_workload_that_had_no_champion_keeps_no_start_from_being_ready(
    platform: FakePlatform, tmp_path: Path
) -> None:
    workloads = (tiny(), tiny("untrained"))
    with serving(lambda: _service(platform, tmp_path, *workloads)) as client:
        until(lambda: client.get("/ready").ok)
    platform.fake_registry.down = True
    with serving(lambda: _service(platform, tmp_path, *workloads)) as client:
        until(lambda: client.get("/ready").ok)


def test_a_workload_of_which_nothing_is_cached_keeps_a_start_without_the_registry_from_being_ready(
    platform: FakePlatform, tmp_path: Path
) -> None:
    with serving(lambda: _service(platform, tmp_path)) as client:
        until(lambda: client.get("/ready").ok)
    platform.fake_registry.down = True
    with serving(lambda: _service(platform, tmp_path, tiny(), tiny("other"))) as client:
        until(lambda: client.version() == 1)
        answer = client.get("/ready")
        assert (answer.status_code, "nothing is cached of other" in answer.json()["reason"]) == (503, True)


@pytest.mark.parametrize("left", ["", "{", '{"models:/tiny@champion": {"number": 1}}', "[]"])
def test_a_memory_that_cannot_be_read_is_no_memory(left: str, platform: FakePlatform, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "answering.json").write_text(left)
    assert cache.recall("tiny", "models:/tiny@champion") is None
    version = platform.fake_registry.version("tiny", 1)
    cache.remember("tiny", "models:/tiny@champion", version)
    assert cache.recall("tiny", "models:/tiny@champion") == version
    assert [path.name for path in (tmp_path / "tiny").iterdir()] == ["answering.json"]


def test_what_answers_is_kept_when_others_that_were_tried_later_are_dropped(
    platform: FakePlatform, tmp_path: Path
) -> None:
    cache, registry = Cache(tmp_path), platform.fake_registry
    for number in (1, 2, 3, 4):
        registry.publish("tiny", number)
    first = cache.fetch(registry, registry.version("tiny", 1))
    cache.remember("tiny", "models:/tiny@champion", registry.version("tiny", 1))
    later = [cache.fetch(registry, registry.version("tiny", number)) for number in (2, 3, 4)]
    cache.prune("tiny")
    assert [folder.is_dir() for folder in (first, *later)] == [True, False, True, True]
    assert json.loads((tmp_path / "tiny" / "answering.json").read_text())["models:/tiny@champion"]["number"] == 1


class _Slow(FakeRegistry):
    """Takes half a second over each question."""

    def workloads(self) -> Mapping[str, Mapping[str, int]]:
        time.sleep(0.5)
        return super().workloads()


def test_a_request_that_comes_before_the_first_model_waits_for_it(tmp_path: Path) -> None:
    platform = FakePlatform(tmp_path / "registry")
    slow = _Slow(tmp_path / "slow")
    platform.registry = platform.fake_registry = slow
    slow.publish("tiny", 1)
    with serving(lambda: _service(platform, tmp_path)) as client:
        began = time.monotonic()
        answer = client.post("/predict", {"a": 1, "b": 2})
        assert (answer.status_code, answer.json()["version"]) == (200, 1)
        assert time.monotonic() - began < 5


def test_it_waits_no_longer_than_its_client_does(tmp_path: Path) -> None:
    platform = FakePlatform(tmp_path / "registry")
    hanging = _Hanging(tmp_path / "hanging")
    platform.registry = platform.fake_registry = hanging
    hanging.publish("tiny", 1)
    with serving(lambda: _service(platform, tmp_path)) as client:
        answer = client.post("/predict", {"a": 1, "b": 2}, x_request_timeout="0.3")
        assert (answer.status_code, "no model loaded yet" in answer.text) == (503, True)
        hanging.over.set()
        assert client.post("/predict", {"a": 1, "b": 2}).status_code == 200


def test_where_no_model_is_to_answer_a_request_is_told_so_at_once(tmp_path: Path) -> None:
    platform = FakePlatform(tmp_path / "registry")
    with serving(lambda: _service(platform, tmp_path)) as client:
        assert client.post("/predict", {"a": 1, "b": 2}).status_code == 503


class _Counting(FakeRegistry):
    """Counts what it is asked."""

    asked = 0

    def workloads(self) -> Mapping[str, Mapping[str, int]]:
        self.asked += 1
        return super().workloads()


def test_while_nobody_asks_the_registry_is_let_sleep_and_is_looked_at_again_after_the_next_request(
    tmp_path: Path,
) -> None:
    platform = FakePlatform(tmp_path / "registry")
    counting = _Counting(tmp_path / "counting")
    platform.registry = platform.fake_registry = counting
    counting.publish("tiny", 1)
    with serving(lambda: _service(platform, tmp_path)) as client:
        until(lambda: client.get("/ready").ok)
        time.sleep(0.5)
        before = counting.asked
        for _ in range(10):
            assert client.get("/health").ok  # a probe is nobody
            time.sleep(0.1)
        assert counting.asked == before
        counting.publish("tiny", 2)
        assert client.post("/predict", {"a": 1, "b": 2}).json()["version"] == 1
        until(lambda: counting.asked > before)
        until(lambda: client.version() == 2)
