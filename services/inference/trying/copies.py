"""Requests answered already in; the same asked once more, off their path, or dropped when that lags, out."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

log = logging.getLogger("headrace.inference.copies")

MOST_WAITING = 32


class Copies:
    """One thread for the copies of every trial. It is made for the first copy; nobody waits for it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "copies")
        self._places = BoundedSemaphore(MOST_WAITING)

    def put(self, work: Callable[[], None]) -> bool:
        """Have `work` done when there is time. False when too much waits already: then it is not done."""
        if not self._places.acquire(blocking=False):
            return False
        try:
            self._thread.submit(self._do, work)
        except RuntimeError:  # the service is stopping
            self._places.release()
            return False
        return True

    def close(self) -> None:
        """Do nothing of what waits."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            log.exception("a copied request was given up")
        finally:
            self._places.release()
