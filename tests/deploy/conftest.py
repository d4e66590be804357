import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.alone import Alone


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Alone]:
    """Gone afterwards: an environment weighs hundreds of megabytes."""
    yield Alone(tmp_path)
    shutil.rmtree(tmp_path)
