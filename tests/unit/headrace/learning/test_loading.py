import threading
import time
from collections.abc import Iterator
from itertools import islice

import pytest

from headrace.learning.loading import AHEAD, LONGEST, Loader


def numbers(until: int, taken: list[int]) -> Iterator[int]:
    for number in range(until):
        taken.append(number)
        yield number


def slowly(number: int) -> int:
    time.sleep(0.03)
    return number


def loaded(loader: Loader[int, int], until: int) -> list[int]:
    try:
        return list(loader.each(range(until)))
    finally:
        loader.close()


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_batches_come_in_order(threads: int) -> None:
    assert loaded(Loader(lambda number: number * 2, threads), 1000) == [number * 2 for number in range(1000)]


def test_slow_batches_come_in_order_too() -> None:
    def slow(number: int) -> int:
        time.sleep(0.02 if number % 3 == 0 else 0.001)
        return number

    assert loaded(Loader(slow, 3), 20) == list(range(20))


def test_threads_load_at_the_same_time() -> None:
    together = threading.Barrier(2, timeout=10)

    def load(number: int) -> int:
        return together.wait() * 0 + number

    assert loaded(Loader(load, 2), 2) == [0, 1]


def test_slow_batches_are_not_loaded_far_ahead() -> None:
    taken = list[int]()
    loader = Loader(slowly, 2)
    next(loader.each(numbers(100, taken)))
    loader.close()
    assert len(taken) == 2 * AHEAD


def test_quick_batches_are_loaded_in_runs_of_bounded_length() -> None:
    taken = list[int]()
    loader = Loader[int, int](lambda number: number, 1)
    batches = loader.each(numbers(10_000, taken))
    for seen in range(5000):
        assert next(batches) == seen
        assert len(taken) - seen <= (AHEAD + 1) * LONGEST
    loader.close()
    assert len(taken) - 5000 > AHEAD


@pytest.mark.parametrize("threads", [0, 2])
def test_the_time_without_a_batch_is_counted(threads: int) -> None:
    loader = Loader(slowly, threads)
    loaded(loader, 2)
    assert 0.02 < loader.waited < 1


def test_what_a_thread_raises_comes_where_its_batch_would_have() -> None:
    def load(number: int) -> int:
        if number == 5:
            raise ValueError("five")
        return number

    loader = Loader(load, 2)
    batches = loader.each(range(10))
    seen = list(islice(batches, 5))
    with pytest.raises(ValueError, match="five"):
        next(batches)
    loader.close()
    assert seen == [0, 1, 2, 3, 4]


def test_closing_ends_the_threads() -> None:
    before = threading.active_count()
    loader = Loader[int, int](lambda number: number, 3)
    next(loader.each(range(100)))
    loader.close()
    assert threading.active_count() == before
