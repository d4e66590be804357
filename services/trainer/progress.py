"""How far a job has come in; an object that anybody may read, written at most twice a second, out."""

import json
import logging
from time import monotonic

from headrace.ports import Objects

log = logging.getLogger("headrace.training")

EVERY_SECONDS = 0.5


class Progress:
    """Reports one job's progress; it never fails the job."""

    def __init__(self, store: Objects, job: str) -> None:
        self._store, self._name = store, f"jobs/{job}/progress.json"
        self._next = 0.0

    def __call__(self, share: float, words: str) -> None:
        """`share` of the job is done; `words` say what it is at."""
        if monotonic() < self._next and share < 1:
            return
        self._next = monotonic() + EVERY_SECONDS
        log.info("%3.0f %% %s", share * 100, words)
        try:
            self._store.write(self._name, json.dumps({"share": round(share, 3), "words": words}).encode())
        except Exception as error:  # progress is a courtesy
            log.warning("progress was not written: %s", error)

    def part(self, start: float, end: float) -> "Part":
        """A report for the stretch from `start` to `end` of the whole."""
        return Part(self, start, end)


class Part:
    """Progress of one stage, scaled into the whole job's."""

    def __init__(self, whole: Progress, start: float, end: float) -> None:
        self._whole, self._start, self._length = whole, start, end - start

    def __call__(self, share: float, words: str) -> None:
        """`share` of this stage is done."""
        self._whole(self._start + self._length * min(max(share, 0.0), 1.0), words)
