"""The rounds of a boosting in; the run's progress and its curves on held-out loans, out."""

from collections.abc import Mapping
from typing import Any

import xgboost

from headrace.workload import Pruned, Run

HELD_OUT = "validation"
_TIMES = 10
_EVERY = 20
"""Rounds between the points of a curve: the same for every booster, so that the trials of a search compare."""


class Follower(xgboost.callback.TrainingCallback):
    """Tells the run of a booster of `rounds` trees, ten times on its way from the share `start` to the share `end`."""

    def __init__(self, run: Run, rounds: int, start: float, end: float) -> None:
        super().__init__()
        self.rounds = rounds
        self._run, self._start, self._end = run, start, end
        self._step = max(1, rounds // _TIMES)
        self._pruned: Pruned | None = None

    def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Any]) -> bool:
        """What XGBoost calls after each round; True ends the training."""
        try:
            self.tell(epoch + 1, evals_log.get(HELD_OUT, {}))
        except Pruned as error:
            # Raised from here it would keep alive the matrices, which keep files.
            self._pruned = error
        return self._pruned is not None

    def check(self) -> None:
        """Raises Pruned when that is why the training ended."""
        if self._pruned:
            raise self._pruned

    def tell(self, done: int, curves: Mapping[str, Any]) -> None:
        """The number of rounds done, and each score on the held-out loans round by round."""
        if done % self._step == 0 or done == self.rounds:
            share = self._start + (self._end - self._start) * done / self.rounds
            self._run.progress(share, f"{done} of {self.rounds} rounds")
        if done % _EVERY == 0 or done == self.rounds:
            self._log(done, curves)

    def _log(self, done: int, curves: Mapping[str, Any]) -> None:
        scores = {f"{HELD_OUT}_{name}": float(values[done - 1]) for name, values in curves.items()}
        if known := {name: value for name, value in scores.items() if value == value}:
            self._run.log(done, known)
