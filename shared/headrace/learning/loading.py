"""Batches to load in; the same batches, loaded ahead of time by threads and in order, out."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from time import perf_counter
from typing import Generic, TypeVar

Order = TypeVar("Order")
Loaded = TypeVar("Loaded")
AHEAD = 2
"""Runs that each thread may be ahead; decoders release the interpreter, so threads are enough."""
QUICK, LONGEST = 0.005, 256
"""A run that took fewer seconds is followed by longer ones: waking a thread costs more than loading a small batch."""


class Loader(Generic[Order, Loaded]):
    """Calls `load` on `threads` threads, or in the caller's own with none. `waited` adds up seconds without a batch."""

    def __init__(self, load: Callable[[Order], Loaded], threads: int) -> None:
        self._load, self._threads = load, threads
        self._pool = ThreadPoolExecutor(threads, "loader") if threads else None
        self._run = 1
        self.waited = 0.0

    def each(self, orders: Iterable[Order]) -> Iterator[Loaded]:
        """What `load` makes of each order."""
        orders, waiting = iter(orders), deque[Future[deque[Loaded]]]()
        while True:
            began = perf_counter()
            loaded = self._next(orders, waiting)
            self.waited += perf_counter() - began
            if not loaded:
                return
            while loaded:
                yield loaded.popleft()

    def close(self) -> None:
        """End the threads."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def _next(self, orders: Iterator[Order], waiting: deque[Future[deque[Loaded]]]) -> deque[Loaded]:
        if self._pool is None:
            return deque(self._load(order) for order in islice(orders, 1))
        while len(waiting) < self._threads * AHEAD and (run := list(islice(orders, self._run))):
            waiting.append(self._pool.submit(self._load_run, run))
        return waiting.popleft().result() if waiting else deque()

    def _load_run(self, run: list[Order]) -> deque[Loaded]:
        began = perf_counter()
        loaded = deque(self._load(order) for order in run)
        if perf_counter() - began < QUICK:
            self._run = max(self._run, min(2 * len(run), LONGEST))
        return loaded
