"""A project on a Google Cloud of this machine, for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from headrace.delivery.quotas import API_OVERRIDE
from tests.unit.delivery.cloud import Cloud, cloud


@pytest.fixture
def google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud(tmp_path) as made:
        monkeypatch.setenv(API_OVERRIDE, f"{made.base}/quotas/")
        yield made
