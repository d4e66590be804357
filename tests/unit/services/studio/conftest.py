import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Streamlit's AppTest leaves its script as `__main__`, which every process spawned later would run again."""
    kept = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = kept
