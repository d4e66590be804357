"""Entry points over HTTP, in process, loaded as functions-framework loads them."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from functions_framework import create_app

from headrace import settings, topology, wiring
from tests.fakes import FakePlatform
from tests.samples import Sample

ROOT = Path(__file__).parents[3]
LOOP = topology.load(ROOT / "infra" / "topology.yaml")

Entry = Callable[[str], Any]


def post(client: Any, sample: Sample) -> int:
    return int(client.post("/", headers=sample.headers, data=sample.body).status_code)


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def entry(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """A client of one deployable, loaded as functions-framework loads it, on the fakes."""

    def on_fakes(*needs: str) -> wiring.GoogleCloud:
        settings.load(*needs, environ=platform.settings.environment())
        return platform.cloud()

    def client(name: str) -> Any:
        return create_app("main", str(ROOT / LOOP.deployables[name].folder / "main.py")).test_client()

    monkeypatch.setattr(wiring, "on_gcp", on_fakes)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setitem(sys.modules, "main", sys.modules[__name__])
    return client
