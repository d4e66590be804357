"""Cloud Run in memory: it remembers what was to run."""

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Started(NamedTuple):
    """One execution of a job."""

    job: str
    arguments: tuple[str, ...]
    tasks: int


class FakeRuns:
    """Keeps every execution; `before` is called first and may raise."""

    def __init__(self) -> None:
        self.started: list[Started] = []
        self.before: Callable[[], None] = lambda: None

    def run(self, job: str, arguments: Sequence[str] = (), tasks: int = 1) -> None:
        self.before()
        self.started.append(Started(job, tuple(arguments), tasks))
