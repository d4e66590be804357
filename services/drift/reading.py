"""Objects of the prediction log in; each of them counted, by as many processes as there are cores, out."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from queue import SimpleQueue
from threading import Thread

from headrace.ports import Objects, Stat
from services.drift.counting import Counted, Counter

Parts = Iterator[tuple[str, Counted]]
Again = Callable[[str, frozenset[int]], Counted]

LARGE = 24 << 20
"""Bytes from which on other processes help, for they take half a second to start."""


class Reader:
    """Reads objects and has them counted."""

    def __init__(self, audit: Objects, counter: Counter) -> None:
        self._audit, self._counter = audit, counter

    def count(self, name: str, known: frozenset[int] = frozenset()) -> Counted:
        """The object of that name, without requests that are `known`."""
        return self._counter.count(name, self._audit.read(name), known)


@contextmanager
def counting(audit: Objects, counter: Counter, found: Sequence[Stat]) -> Iterator[tuple[Parts, Again]]:
    """Every object, and a way to have one counted again without what is known by then.

    Raises BrokenProcessPool when a process that helps does not start or is killed.
    """
    names, reader = [stat.name for stat in found], Reader(audit, counter)
    helpers = min(cores(), len(names)) - 1
    if helpers < 1 or sum(stat.size for stat in found) < LARGE:
        yield ((name, reader.count(name)) for name in names), reader.count
        return
    left = deque(names)
    pool = ProcessPoolExecutor(helpers, get_context("spawn"), _begin, (audit, counter))
    try:
        yield _shared(reader, pool, helpers, left), reader.count
    finally:
        left.clear()
        pool.shutdown(wait=False)  # helpers end while what was counted is judged


def _shared(reader: Reader, pool: Executor, helpers: int, names: deque[str]) -> Parts:
    """Count some objects here and have the others counted, as fast as each gets on."""
    done = SimpleQueue[tuple[str, Counted] | BaseException | None]()

    def help_out() -> None:
        """Let a helper count one object after the other until there is none left."""
        name = _next(names)
        if name is None:
            done.put(None)
            return

        def counted(future: Future[Counted]) -> None:
            if error := future.exception():
                done.put(error)
                return
            done.put((name, future.result()))
            help_out()

        try:
            pool.submit(_count, name).add_done_callback(counted)
        except RuntimeError as error:  # there is no pool any more: counting has failed here
            done.put(error)

    for _ in range(helpers):
        Thread(target=help_out, daemon=True).start()  # meanwhile there is something to count here
    while helpers:
        if name := _next(names):
            yield name, reader.count(name)
        while helpers and not (names and done.empty()):
            found = done.get()
            if isinstance(found, BaseException):
                raise found
            if found is None:
                helpers -= 1
            else:
                yield found


def _next(names: deque[str]) -> str | None:
    """Whoever asks first gets it."""
    try:
        return names.popleft()
    except IndexError:
        return None


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0))


_readers: list[Reader] = []
"""This process's own, where it is one of several."""


def _begin(audit: Objects, counter: Counter) -> None:
    _readers.append(Reader(audit, counter))


def _count(name: str) -> Counted:
    return _readers[0].count(name)
