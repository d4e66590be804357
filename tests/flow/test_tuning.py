"""A search over the platform's own Batch, MLflow and database, a worker and then Batch itself killed meanwhile."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import optuna
import pytest
from mlflow import MlflowClient
from mlflow.entities import Run
from optuna.trial import FrozenTrial, TrialState

from headrace import catalogue
from headrace.promotion.promotions import VERDICT
from tests.flow.loop import WORKLOAD, Loop
from tests.flow.processes import kill, mentioning
from tests.flow.waiting import eventually

SECONDS = 240
SEARCH = catalogue.describe(WORKLOAD).search
DONE = (TrialState.COMPLETE, TrialState.PRUNED)


@pytest.mark.slow
def test_tune_follows_a_search_whose_workers_are_killed_until_the_verdict_on_its_best_trial(shared: Loop) -> None:
    dataset = shared.turn()
    before = {version.number for version in shared.versions(dataset)}
    with _tuning(shared, WORKLOAD, "--dataset", dataset) as command:
        job = eventually(lambda: _job(shared, dataset), "the job of the search")
        eventually(lambda: _kill_in_a_trial(shared, job, worker=1), "a trial of the second worker to kill it in")
        done = _done(shared, job)
        eventually(lambda: _done(shared, job) > done + 3, "a few trials more")
        kill(shared.stack, "batch")
        said, _ = command.communicate(timeout=SECONDS)
    assert command.returncode == 0, said
    (version,) = (version for version in shared.versions(dataset) if version.number not in before)
    assert version.tags["headrace.job"] == job
    assert f"tuned: version {version.number} {version.tags[VERDICT]}" in said
    _assert_every_trial_is_there_once(shared, job)
    lost = Counter(trial.user_attrs.get("worker") for trial in _trials(shared, job) if trial.state == TrialState.FAIL)
    assert lost[0] <= 2, "more than the trial that ran, and one that was not to be taken any more"
    assert lost[1] <= 3, "more than the two that ran, and one that was not to be taken any more"
    assert lost.total() <= 5, "more than those, of which some may be nobody's: their worker died before it said whose"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("loans",), "no workload named 'loans'; there are"),
        ((WORKLOAD, "--dataset", "nothing"), "no dataset version 'nothing'"),
    ],
)
def test_a_search_of_what_is_not_there_is_answered_with_a_sentence(
    shared: Loop, words: tuple[str, ...], sentence: str
) -> None:
    with _tuning(shared, *words) as command:
        said, _ = command.communicate(timeout=SECONDS)
    assert command.returncode == 1
    assert "Traceback" not in said
    assert sentence in said


@contextmanager
def _tuning(loop: Loop, *given: str) -> Iterator["subprocess.Popen[str]"]:
    """`headrace tune` as somebody types it."""
    words = ("tune", *given, "--state", str(loop.state))
    environment = {"COLUMNS": "200", "PATH": "/usr/bin:/bin", "USER": "somebody"}
    command = [sys.executable, "-m", "headrace.cli.main", *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _job(loop: Loop, dataset: str) -> str | None:
    return next((job.id for job in loop.jobs(dataset) if job.labels["candidate"] == "tuned"), None)


def _assert_every_trial_is_there_once(loop: Loop, job: str) -> None:
    """As many trials as were asked for, each a run of its own under the training's, and none left open."""
    assert SEARCH is not None
    trials = {str(trial.number): trial for trial in _trials(loop, job) if trial.state in DONE}
    assert len(trials) == SEARCH.trials
    client = MlflowClient(tracking_uri=loop.stack.url("mlflow"))
    (parent,) = _runs(client, f"tags.`headrace.job` = '{job}'")
    runs = _runs(client, f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'")
    states = Counter(run.data.tags["headrace.trial"] for run in runs)
    assert max(states.values()) == 1, f"more than one run a trial: {states}"
    for run in runs:
        trial = trials.get(run.data.tags["headrace.trial"])
        assert run.data.tags["headrace.trial.state"] == (trial.state.name.lower() if trial else "failed")
        assert run.info.status != "RUNNING"
        assert trial is None or int(run.data.params["max_depth"]) == trial.params["max_depth"]
    assert trials.keys() <= states.keys()
    assert parent.data.metrics["search/trials"] == SEARCH.trials
    assert parent.data.params["max_depth"] == str(trials[parent.data.tags["headrace.search.best"]].params["max_depth"])


def _kill_in_a_trial(loop: Loop, job: str, worker: int) -> bool:
    """SIGKILL the worker's process while a trial of its own runs."""
    running = [trial for trial in _trials(loop, job) if trial.state == TrialState.RUNNING]
    processes = mentioning(str(loop.state), f"--job\0{job}", f"BATCH_TASK_INDEX={worker}\0")
    if not processes or worker not in [trial.user_attrs.get("worker") for trial in running]:
        return False
    os.kill(processes[0], signal.SIGKILL)
    return True


def _trials(loop: Loop, job: str) -> Sequence[FrozenTrial]:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        return optuna.load_study(study_name=job, storage=loop.stack.plan.database_url("studies")).get_trials()
    except KeyError:
        return []


def _done(loop: Loop, job: str) -> int:
    return sum(trial.state in DONE for trial in _trials(loop, job))


def _runs(client: MlflowClient, which: str) -> Sequence[Run]:
    experiment = client.get_experiment_by_name(WORKLOAD)
    return list(client.search_runs([experiment.experiment_id], which))
