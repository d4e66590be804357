"""Objects of the prediction log in; each of them counted, by as many processes as there are cores, out."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.pool import AsyncResult, Pool

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
    """Every object, and a way to have one counted again without what is known by then."""
    names, reader = [stat.name for stat in found], Reader(audit, counter)
    helpers = min(cores(), len(names)) - 1
    if helpers < 1 or sum(stat.size for stat in found) < LARGE:
        yield ((name, reader.count(name)) for name in names), reader.count
        return
    with get_context("spawn").Pool(helpers, _begin, (audit, counter)) as pool:
        yield _shared(reader, pool, helpers, deque(names)), reader.count


def _shared(reader: Reader, pool: Pool, helpers: int, names: deque[str]) -> Parts:
    """Count some objects here and have the others counted, as fast as each gets on."""
    given = deque[tuple[str, AsyncResult[Counted]]]()
    while names or given:
        while names and len(given) <= helpers:
            name = names.popleft()
            given.append((name, pool.apply_async(_count, (name,))))
        if names:
            name = names.popleft()
            yield name, reader.count(name)
        while given and (given[0][1].ready() or not names):
            name, counted = given.popleft()
            yield name, counted.get()


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0))


_readers: list[Reader] = []
"""This process's own, where it is one of several."""


def _begin(audit: Objects, counter: Counter) -> None:
    _readers.append(Reader(audit, counter))


def _count(name: str) -> Counted:
    return _readers[0].count(name)
