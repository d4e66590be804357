"""Work in; what came of doing it several times at once out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def together(times: int, work: Callable[[], T]) -> list[T | Exception]:
    """What each of `times` threads made of `work`: its result, or what it raised."""

    def attempt(_: int) -> T | Exception:
        try:
            return work()
        except Exception as error:
            return error

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(attempt, range(times)))
