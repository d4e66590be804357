"""A search in; its trials, shared by all of its workers through one database with Optuna, out."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zlib import crc32

import optuna
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from headrace.adapters import sampling
from headrace.adapters.studydb import opened, translated
from headrace.errors import Pruned
from headrace.options.search import Search

log = logging.getLogger("headrace.training")

State = Literal["running", "complete", "pruned", "failed"]

STATES: Mapping[TrialState, State] = {
    TrialState.WAITING: "running",
    TrialState.RUNNING: "running",
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}
WORKER, SEEN, REASON, RUN = "worker", "seen", "reason", "run"
SEEN_SECONDS, LOST_SECONDS = 10.0, 60.0


@dataclass(frozen=True, slots=True)
class Best:
    """The trial that did best, what it is worth, and the parameters it varied."""

    number: int
    value: float
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """How many trials there are of each kind; `failures` are the reasons of those whose training raised."""

    complete: int
    pruned: int
    running: int
    failures: Sequence[str]
    best: Best | None

    @property
    def finished(self) -> int:
        """How many count: a trial that failed, or was lost with its worker, does not."""
        return self.complete + self.pruned


class Trial:
    """One trial that is this worker's to train."""

    def __init__(self, study: optuna.Study, trial: optuna.Trial, params: Mapping[str, Any]) -> None:
        self.number, self.params = trial.number, params
        self._study, self._trial = study, trial

    def report(self, step: int, value: float) -> None:
        """A point on the curve that trials are compared by. Raises Pruned when others do better at this step."""
        with translated(), suppress(UpdateFinishedTrialError):
            self._trial.report(value, step)
            if self._trial.should_prune():
                raise Pruned(f"trial {self.number} was given up at step {step} with {value:.4g}")

    def complete(self, value: float) -> State:
        """End it. Returns what the study took it as: the others may have counted it out meanwhile."""
        return self._end(TrialState.COMPLETE, value)

    def prune(self) -> State:
        """End it as one that was given up."""
        return self._end(TrialState.PRUNED)

    def fail(self, reason: str = "") -> State:
        """End it as one that does not count; the reason tells why its training raised."""
        with translated(), suppress(UpdateFinishedTrialError):
            if reason:
                self._trial.set_user_attr(REASON, reason)
        return self._end(TrialState.FAIL)

    @contextmanager
    def alive(self) -> Iterator[None]:
        """Inside, the other workers see that this one is at it."""
        over = threading.Event()
        saying = threading.Thread(target=self._say, args=(over,), name="alive", daemon=True)
        saying.start()
        try:
            yield
        finally:
            over.set()
            saying.join()

    def _end(self, state: TrialState, value: float | None = None) -> State:
        with translated():
            return STATES[_told(self._study, self.number, state, value)]

    def _say(self, over: threading.Event) -> None:
        while not over.wait(SEEN_SECONDS):
            try:
                self._trial.set_user_attr(SEEN, time.time())
            except UpdateFinishedTrialError:
                log.warning("trial %d was counted out", self.number)
                return
            except StorageInternalError as error:
                log.warning("the database of trials takes no sign of life for now: %s", error)


class Study:
    """The trials of the search `name`: one study, however many workers open it and however often.

    Several workers agree by the numbers that the database gives their trials. A worker that opens the study again
    counts out the trial that it was at when it died.
    """

    def __init__(self, url: str, name: str, search: Search, worker: int) -> None:
        self._search, self._worker = search, worker
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        with translated():
            direction = StudyDirection.MINIMIZE if search.better == "lower" else StudyDirection.MAXIMIZE
            self._study = optuna.create_study(
                storage=opened(url), study_name=name, direction=direction, load_if_exists=True
            )
            seed = crc32(f"{name}/{worker}/{len(self._trials())}".encode())
            self._study.sampler = sampling.sampler(search, seed)
            self._count_out(lambda trial: trial.user_attrs.get(WORKER) == worker)

    @property
    def run(self) -> str | None:
        """The MLflow run that those of the trials are nested in, once the first worker has made it."""
        with translated():
            return self._study.user_attrs.get(RUN)

    def announce(self, run: str, start: Mapping[str, Any]) -> None:
        """Tell the other workers of the run; have the parameters in `start` tried first, as far as they may vary."""
        with translated():
            self._study.set_user_attr(RUN, run)
            self._study.enqueue_trial(sampling.said(self._search.space, start), skip_if_exists=True)

    def standing(self) -> Standing:
        """How far the search is, less the trials whose worker gave no sign of life for long."""
        with translated():
            self._count_out(lambda trial: time.time() - _seen(trial) > LOST_SECONDS)
            trials = self._trials()
        states = [trial.state for trial in trials]
        return Standing(
            complete=states.count(TrialState.COMPLETE),
            pruned=states.count(TrialState.PRUNED),
            running=states.count(TrialState.RUNNING),
            failures=[trial.user_attrs[REASON] for trial in trials if REASON in trial.user_attrs],
            best=self._best(trials),
        )

    def states(self) -> Mapping[int, State]:
        """The state of each trial by its number."""
        with translated():
            return {trial.number: STATES[trial.state] for trial in self._trials()}

    def take(self) -> Trial | None:
        """A trial for this worker; None when the others took the last ones in this moment."""
        with translated():
            self._study.pruner = sampling.pruner(self._search, self._trials())
            trial = self._study.ask(sampling.distributions(self._search.space))
            trial.set_user_attr(WORKER, self._worker)
            if self._counted_before(trial.number) >= self._search.trials:
                _told(self._study, trial.number, TrialState.FAIL)
                return None
            return Trial(self._study, trial, sampling.meant(self._search.space, trial.params))

    def importances(self) -> Mapping[str, float]:
        """How much of the differences between trials each parameter explains; together 1."""
        with translated():
            if len(self._study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))) < 2:
                return {}
            return optuna.importance.get_param_importances(self._study)

    def _trials(self) -> list[FrozenTrial]:
        return self._study.get_trials(deepcopy=False)

    def _counted_before(self, number: int) -> int:
        return sum(trial.number < number and trial.state != TrialState.FAIL for trial in self._trials())

    def _count_out(self, is_lost: Callable[[FrozenTrial], bool]) -> None:
        for trial in self._trials():
            if trial.state == TrialState.RUNNING and is_lost(trial):
                log.info("trial %d was lost with its worker", trial.number)
                _told(self._study, trial.number, TrialState.FAIL)

    def _best(self, trials: Sequence[FrozenTrial]) -> Best | None:
        sign = 1 if self._search.better == "lower" else -1
        complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
        worth = [(sign * trial.value, trial.number, trial) for trial in complete if trial.value is not None]
        if not worth:
            return None
        value, number, trial = min(worth)
        return Best(number, sign * value, sampling.meant(self._search.space, trial.params))


def _told(study: optuna.Study, number: int, state: TrialState, value: float | None = None) -> TrialState:
    """End a trial, unless somebody did; its state afterwards."""
    try:
        return study.tell(number, value, state, skip_if_finished=True).state
    except UpdateFinishedTrialError:  # in this moment
        return TrialState.FAIL


def _seen(trial: FrozenTrial) -> float:
    """When its worker last gave a sign of life, in seconds since the epoch."""
    started = trial.datetime_start or datetime.now()
    return float(trial.user_attrs.get(SEEN, started.timestamp()))
