from collections.abc import Iterator
from pathlib import Path

import pytest

from services.inference.service import Inference

from .fakes import FakePlatform, tiny
from .running import Client, serving, until


@pytest.fixture
def platform(tmp_path: Path) -> FakePlatform:
    """A platform whose registry has version 1 of `tiny` as champion."""
    platform = FakePlatform(tmp_path / "registry")
    platform.fake_registry.publish("tiny", 1)
    return platform


@pytest.fixture
def client(platform: FakePlatform, tmp_path: Path) -> Iterator[Client]:
    """A service that hosts `tiny` and looks at the registry often, ready to answer."""
    with serving(lambda: Inference(platform, [tiny()], tmp_path / "cache", poll=0.1)) as client:
        until(lambda: client.get("/ready").ok)
        yield client


@pytest.fixture
def patient(platform: FakePlatform, tmp_path: Path) -> Iterator[Client]:
    """The same, but after its first look it learns of changes by events only."""
    with serving(lambda: Inference(platform, [tiny()], tmp_path / "cache", poll=600)) as client:
        until(lambda: client.get("/ready").ok)
        yield client
