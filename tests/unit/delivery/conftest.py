"""A project on a Google Cloud of this machine, for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.delivery.cloud import Cloud, cloud


@pytest.fixture
def google(tmp_path: Path) -> Iterator[Cloud]:
    with cloud(tmp_path) as made:
        yield made
