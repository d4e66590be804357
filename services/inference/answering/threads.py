"""Work of all workloads in; threads that do it, and whether any of it still waits for one, out."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Threads(ThreadPoolExecutor):
    """So many threads, one for each core that models may use."""

    def __init__(self, width: int) -> None:
        super().__init__(width, "predict")
        self._unstarted = deque[None]()  # counts, as threads may

    @property
    def wanted(self) -> bool:
        """Whether some work waits for a thread."""
        return bool(self._unstarted)

    def submit(self, work: Callable[P, T], /, *given: P.args, **named: P.kwargs) -> Future[T]:
        """Have it done by the next thread that is free."""
        self._unstarted.append(None)
        return super().submit(self._start, work, *given, **named)

    def _start(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Any:
        self._unstarted.pop()
        return work(*given, **named)
