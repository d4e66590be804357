from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from services.inference.hosting.models import Workload
from services.inference.service import Inference
from tests.unit.inference.fakes import FakePlatform
from tests.unit.inference.running import Client, serving, until

from . import exports


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hosted")


@pytest.fixture(scope="session")
def platform(folder: Path) -> FakePlatform:
    return FakePlatform(folder / "registry")


@pytest.fixture(scope="session")
def hosted(platform: FakePlatform, folder: Path) -> Mapping[str, Workload]:
    """Every workload and template by name, each with a champion in the registry."""
    return {workload.name: workload for workload in exports.published(platform, folder / "trained")}


@pytest.fixture(scope="session")
def client(platform: FakePlatform, hosted: Mapping[str, Workload], folder: Path) -> Iterator[Client]:
    """A service that hosts them all, ready to answer."""
    with serving(lambda: Inference(platform, list(hosted.values()), folder / "cache", poll=600)) as client:
        until(lambda: client.get("/ready").ok)
        yield client
