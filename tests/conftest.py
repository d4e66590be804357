"""How the tests are shared among processes: a file's stay together, and whole stacks run one after the other."""

import signal
from typing import Any

import pytest

import headrace  # noqa: F401 - before any test imports what would report to its makers

FLOW, STUDIO = "tests/flow/", "tests/studio/"


def pytest_configure() -> None:
    """What the tests start ends on Ctrl-C, even if they run in the background of a shell that has it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins."""
    items.sort(key=lambda item: (not item.nodeid.startswith(FLOW), not item.nodeid.startswith(STUDIO)))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named by their argument: what is packed holds the time, and every process must name a test the same."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Two stacks at once are more than two cores start in time."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return FLOW if nodeid.startswith((FLOW, STUDIO)) else nodeid.partition("::")[0]

    return Scheduling(config, log)
