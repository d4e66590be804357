"""Work of all workloads in; threads that do it, and whether they are enough for it, out."""

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
        self._width = width
        self._unstarted, self._under_way = deque[None](), deque[None]()  # they count, as threads may

    @property
    def wanted(self) -> bool:
        """Whether some work waits for a thread."""
        return bool(self._unstarted)

    @property
    def busy(self) -> bool:
        """Whether no thread is free."""
        return len(self._under_way) >= self._width

    def submit(self, work: Callable[P, T], /, *given: P.args, **named: P.kwargs) -> Future[T]:
        """Have it done by the next thread that is free."""
        self._unstarted.append(None)
        return super().submit(self._start, work, *given, **named)

    def _start(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Any:
        self._unstarted.pop()
        self._under_way.append(None)
        try:
            return work(*given, **named)
        finally:
            self._under_way.pop()
