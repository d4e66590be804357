"""A candidate that is searched for in; the parameters of its best trial out, found by several workers together."""

import gc
import logging
import math
import time
from pathlib import Path
from typing import Any

from headrace.adapters.studies import Best, Standing, State, Study, Trial
from headrace.adapters.tracking import TrainingRun
from headrace.adapters.trialruns import TrialRun, close_left_open
from headrace.catalogue import Description
from headrace.errors import Interrupted, Pruned, Rejected, WorkloadFailed
from headrace.settings import VARIABLES, Settings
from headrace.training import stages
from services.trainer.order import Order
from services.trainer.trial import FollowedTrial, Report

log = logging.getLogger("headrace.training")

POLL_SECONDS = 0.5
FEWEST_FAILURES, SHARE_OF_FAILURES = 3, 4


class Searching:
    """One worker of a search, on the train split in `split`. Any of them may die at any moment and be started again."""

    def __init__(self, order: Order, description: Description, worker: int, split: Path, where: Settings) -> None:
        if description.search is None:
            raise WorkloadFailed(f"{order.workload} says no more how to search for {order.candidate}")
        if not where.studies_url:
            raise WorkloadFailed(f"a search keeps its trials in a database; set {VARIABLES['studies_url']}")
        self._order, self._split, self._where = order, split, where
        self._search = description.search
        self._start = description.candidates[self._search.candidate]
        self._study = Study(where.studies_url, order.job, self._search, worker)

    def best(self, tracked: TrainingRun, report: Report) -> dict[str, Any]:
        """The first worker's part: do trials until there are as many as are wanted, and say which was best."""
        self._study.announce(tracked.id, self._start)
        try:
            standing = self._finished(tracked.id, report)
        except WorkloadFailed:
            close_left_open(self._where.mlflow_url, tracked.id, {})  # the other workers are stopped now
            raise
        close_left_open(self._where.mlflow_url, tracked.id, self._study.states())
        return self._concluded(standing, tracked)

    def assist(self) -> None:
        """Any other worker's part: do trials as long as there are some to do."""
        while (run := self._study.run) is None:
            time.sleep(POLL_SECONDS)
        while not self._has_failed(standing := self._study.standing()):
            if not self._one_more(standing, run, _unheard):
                return

    def _finished(self, run: str, report: Report) -> Standing:
        while (standing := self._study.standing()).finished < self._search.trials:
            self._check(standing)
            if not self._one_more(standing, run, report):
                self._say(report, standing, 0.0, "waits for the last trials of other workers")
                time.sleep(POLL_SECONDS)
        return standing

    def _one_more(self, standing: Standing, run: str, report: Report) -> bool:
        """Do a trial, unless all that are wanted are done or being done."""
        if standing.finished + standing.running >= self._search.trials:
            return False
        trial = self._study.take()
        if trial is not None:
            self._do(trial, run, lambda share, words: self._say(report, standing, share, words))
        return True

    def _do(self, trial: Trial, run: str, report: Report) -> None:
        params = {**self._start, **trial.params}
        with trial.alive():
            tracked = TrialRun(self._where.mlflow_url, self._order.workload, self._order.job, run, trial.number, params)
            followed = FollowedTrial(self._search, trial, tracked, report)
            state = self._trained(trial, params, followed)
        tracked.end(state)
        log.info("trial %d is %s: %s", trial.number, state, trial.params)
        gc.collect()  # a model, and what of it lies on a GPU

    def _trained(self, trial: Trial, params: dict[str, Any], followed: FollowedTrial) -> State:
        try:
            stages.fit(self._order.workload, params, self._split, followed)
        except Pruned:
            return trial.prune()
        except Interrupted:
            trial.fail()
            raise
        except (WorkloadFailed, Rejected) as error:
            log.exception("trial %d failed with %s", trial.number, params)
            return trial.fail(str(error))
        return self._judged(trial, followed)

    def _judged(self, trial: Trial, followed: FollowedTrial) -> State:
        try:
            worth = followed.worth()
        except WorkloadFailed as error:
            trial.fail(str(error))
            raise
        return trial.fail(f"its {self._search.metric} is no number") if math.isnan(worth) else trial.complete(worth)

    def _say(self, report: Report, standing: Standing, share: float, words: str) -> None:
        wanted, best = self._search.trials, standing.best
        number = min(standing.finished + 1, wanted)
        so_far = f", best so far {best.value:.4g}" if best else ""
        report((standing.finished + share) / wanted, f"trial {number}/{wanted}{so_far}: {words}")

    def _has_failed(self, standing: Standing) -> bool:
        return len(standing.failures) >= max(FEWEST_FAILURES, self._search.trials // SHARE_OF_FAILURES)

    def _check(self, standing: Standing) -> None:
        if self._has_failed(standing):
            raise WorkloadFailed(
                f"{len(standing.failures)} trials failed, the last because {standing.failures[-1]}; narrow search.space"
            )

    def _concluded(self, standing: Standing, tracked: TrainingRun) -> dict[str, Any]:
        if standing.best is None:
            raise WorkloadFailed(f"the pruner gave up all {standing.pruned} trials; choose another in search.pruner")
        tracked.log({}, self._summary(standing, standing.best))
        tracked.tag({"headrace.search.metric": self._search.metric, "headrace.search.best": str(standing.best.number)})
        return {**self._start, **standing.best.params}

    def _summary(self, standing: Standing, best: Best) -> dict[str, float]:
        shares = self._study.importances()
        return {
            "search/trials": standing.finished,
            "search/pruned": standing.pruned,
            "search/failed": len(standing.failures),
            "search/best": best.value,
            **{f"search/importance/{name}": share for name, share in shares.items()},
        }


def _unheard(_share: float, _words: str) -> None:
    """The first worker alone reports."""
