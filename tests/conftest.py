"""How the tests are shared among processes: the files with whole stacks one after the other, beside all others."""

from pathlib import Path

import pytest

FLOW = Path(__file__).parent / "flow"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests stay together. Two stacks at once are more than two cores start in time; the longest begin."""
    items.sort(key=lambda item: FLOW not in item.path.parents)
    for item in items:
        group = "flow" if FLOW in item.path.parents else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
