from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services.inference.hosting.models import Workload
from services.inference.service import Inference
from tests.unit.inference.fakes import FakePlatform, tiny
from tests.unit.inference.running import Client, serving, until

from . import exports


@contextmanager
def answering(platform: FakePlatform, *workloads: Workload) -> Iterator[Client]:
    """A service that hosts the workloads, ready to answer."""
    cache = platform.fake_registry.root / "cache"
    with serving(lambda: Inference(platform, workloads, cache, poll=600)) as client:
        until(lambda: client.get("/ready").ok)
        yield client


@pytest.fixture(scope="session")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A service that hosts a trained loan_default."""
    folder = tmp_path_factory.mktemp("loans")
    platform = FakePlatform(folder / "registry")
    with answering(platform, exports.loan_default(platform, folder)) as client:
        yield client


@pytest.fixture(scope="session")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A service that hosts cats_dogs."""
    platform = FakePlatform(tmp_path_factory.mktemp("pets") / "registry")
    with answering(platform, exports.cats_dogs(platform)) as client:
        yield client


@pytest.fixture(scope="session")
def adding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A service that hosts `tiny`, version 1 of which answers a + b + 1000."""
    platform = FakePlatform(tmp_path_factory.mktemp("tiny") / "registry")
    platform.fake_registry.publish("tiny", 1)
    with answering(platform, tiny()) as client:
        yield client
