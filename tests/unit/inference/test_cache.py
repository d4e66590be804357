from pathlib import Path

import pytest

from headrace.ports import Version
from services.inference.hosting.cache import Cache

from .fakes import FakePlatform, FakeRegistry


class _Interrupted(FakeRegistry):
    """Breaks off after the first file."""

    def download(self, version: Version, folder: Path) -> None:
        super().download(version, folder)
        raise ConnectionError("the connection broke off")


def _version(registry: FakeRegistry, number: int) -> Version:
    registry.publish("tiny", number)
    return registry.version("tiny", number)


def test_a_version_is_downloaded_once(platform: FakePlatform, tmp_path: Path) -> None:
    cache, registry = Cache(tmp_path / "cache"), platform.fake_registry
    folders = {cache.fetch(registry, _version(registry, 1)) for _ in range(3)}
    assert [(folder / "model.onnx").is_file() for folder in folders] == [True]
    assert registry.downloads == [("tiny", 1)]


def test_the_same_number_from_another_source_is_another_version(platform: FakePlatform, tmp_path: Path) -> None:
    cache, registry = Cache(tmp_path / "cache"), platform.fake_registry
    one = _version(registry, 1)
    another = Version("tiny", 1, "another", "artifacts:/elsewhere", one.created)
    assert cache.fetch(registry, one) != cache.fetch(registry, another)
    assert len(registry.downloads) == 2


def test_a_download_that_broke_off_leaves_nothing(tmp_path: Path) -> None:
    registry = _Interrupted(tmp_path / "registry")
    with pytest.raises(ConnectionError):
        Cache(tmp_path / "cache").fetch(registry, _version(registry, 1))
    assert not list((tmp_path / "cache" / "tiny").iterdir())


def test_pruning_keeps_the_last_two_versions_used(platform: FakePlatform, tmp_path: Path) -> None:
    cache, registry = Cache(tmp_path / "cache"), platform.fake_registry
    folders = {number: cache.fetch(registry, _version(registry, number)) for number in (1, 2, 3)}
    cache.fetch(registry, registry.version("tiny", 1))
    cache.prune("tiny")
    assert {number for number, folder in folders.items() if folder.is_dir()} == {1, 3}
