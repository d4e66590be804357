"""One trial of a search in; its training, followed by the study and by MLflow, and what it is worth out."""

import math
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from headrace.adapters.studies import Trial
from headrace.adapters.trialruns import TrialRun
from headrace.errors import WorkloadFailed
from headrace.options.search import Search
from headrace.workload import World

Report = Callable[[float, str], None]


class FollowedTrial:
    """`headrace.workload.Run` of a trial. It keeps no checkpoint: what a lost trial costs is that trial."""

    def __init__(self, search: Search, trial: Trial, tracked: TrialRun, report: Report) -> None:
        self.world = World()
        self._search, self._trial, self._tracked, self._report = search, trial, tracked, report
        self._curve: list[float] = []
        self._logged: set[str] = set()
        self._last = -1
        self._stop = threading.Event()

    @property
    def stopping(self) -> bool:
        """Whether SIGTERM came."""
        return self._stop.is_set()

    def progress(self, share: float, words: str) -> None:
        """Into the search's."""
        self._report(share, words)

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Into the curves of the trial's run, and to the study. Raises Pruned when others do better."""
        self._logged |= values.keys()
        self._tracked.curve(step, values)
        if self._search.metric in values and step > self._last:
            self._last = step
            self._curve.append(float(values[self._search.metric]))
            self._trial.report(step, self._curve[-1])

    def picture(self, name: str, png: bytes) -> None:
        """A trial is not looked at."""

    def restore(self) -> Path | None:
        """Nothing: each trial begins anew. From now on SIGTERM sets `stopping`."""
        signal.signal(signal.SIGTERM, lambda *_: self._stop.set())
        return None

    def save(self, folder: Path, step: int) -> None:
        """Nothing is kept."""

    def worth(self) -> float:
        """What the search compares, by the curve that was logged; NaN when the training came to no number.

        Raises WorkloadFailed when there was no such curve.
        """
        if not self._curve:
            logged = ", ".join(sorted(self._logged)) or "nothing"
            raise WorkloadFailed(
                f"search.metric is {self._search.metric!r}, but a training of {self._search.candidate} logs {logged}; "
                "name a curve that it draws on data it holds out"
            )
        if self._search.point == "last":
            return self._curve[-1]
        numbers = [value for value in self._curve if not math.isnan(value)]
        best = min if self._search.better == "lower" else max
        return best(numbers, default=math.nan)
