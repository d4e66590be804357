"""A search of several workers on a real model, a real database of trials and MLflow's own server."""

import math
import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from headrace import catalogue
from headrace.adapters.studies import Study
from headrace.adapters.tracking import PARENT, TrainingRun
from headrace.adapters.trialruns import TrialRun
from headrace.catalogue import Description
from headrace.data.folder_dataset import FolderDataset
from headrace.errors import WorkloadFailed
from headrace.options.search import Search
from headrace.settings import Settings
from headrace.training import stages
from services.trainer.order import Order
from services.trainer.search import Searching
from services.trainer.trial import FollowedTrial
from workloads.loan_default.generator import write_csv

W, TRIALS = "loan_default", 4
SPACE = {"max_depth": {"int": [1, 4]}, "learning_rate": {"float": [0.02, 0.3], "log": True}}
SEARCH = {"candidate": "xgboost", "metric": "validation_logloss", "point": "last", "space": SPACE, "trials": TRIALS}
Worker = Callable[..., Searching]


def described(**changes: Any) -> Description:
    """loan_default with small trees and a search of the test's own."""
    description = catalogue.describe(W)
    small = {**description.candidates["xgboost"], "n_estimators": 20}
    search = Search.model_validate({**SEARCH, **changes})
    return description.model_copy(update={"candidates": {"xgboost": small}, "search": search})


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("loans")
    (root / "dataset").mkdir()
    write_csv(root / "dataset" / "loans.csv", 400, "2024-01")
    stages.prepare(W, FolderDataset(root / "dataset"), root / "split")
    return root / "split"


@pytest.fixture
def worker(tmp_path: Path, mlflow_url: str, job_name: str, split: Path) -> Worker:
    """Starts a worker of the one search of the test."""
    where = Settings(mlflow_url=mlflow_url, studies_url=f"sqlite:///{tmp_path / 'studies.db'}")

    def start(index: int = 0, **changes: Any) -> Searching:
        return Searching(Order(W, "d1", "tuned", job_name), described(**changes), index, split, where)

    return start


@pytest.fixture
def tracked(mlflow_url: str, job_name: str) -> TrainingRun:
    return TrainingRun(mlflow_url, W, job_name, {})


@pytest.fixture
def nested(mlflow_url: str, tracked: TrainingRun) -> Callable[[], list[Run]]:
    """The runs of the trials."""
    client = MlflowClient(tracking_uri=mlflow_url)

    def found() -> list[Run]:
        experiment = client.get_run(tracked.id).info.experiment_id
        return list(client.search_runs([experiment], f"tags.`{PARENT}` = '{tracked.id}'"))

    return found


def unheard(_share: float, _words: str) -> None:
    """Progress that nobody follows."""


def test_workers_share_the_trials_and_the_first_one_has_the_best_parameters(
    worker: Worker, tracked: TrainingRun, nested: Callable[[], list[Run]], mlflow_url: str
) -> None:
    said: list[tuple[float, str]] = []
    other = threading.Thread(target=lambda: worker(1).assist())
    other.start()
    best = worker().best(tracked, lambda share, words: said.append((share, words)))
    other.join()
    runs = nested()
    assert Counter(run.data.tags["headrace.trial.state"] for run in runs).total() == TRIALS
    assert {run.info.status for run in runs} <= {"FINISHED", "KILLED"}
    complete = [run for run in runs if run.info.status == "FINISHED"]
    winner = min(complete, key=lambda run: float(run.data.metrics["validation_logloss"]))
    assert {name: str(value) for name, value in best.items()} == winner.data.params
    summary = MlflowClient(tracking_uri=mlflow_url).get_run(tracked.id).data
    assert summary.metrics["search/trials"] == TRIALS
    assert summary.metrics["search/best"] == winner.data.metrics["validation_logloss"]
    assert summary.tags["headrace.search.best"] == winner.data.tags["headrace.trial"]
    assert sum(summary.metrics[f"search/importance/{name}"] for name in SPACE) == pytest.approx(1)
    assert f"trial 1/{TRIALS}" in said[0][1]
    assert any("best so far 0." in words for _, words in said)
    assert all(0 <= share <= 1 for share, _ in said)


def test_a_search_that_is_begun_again_goes_on_and_closes_the_run_of_the_trial_that_was_lost(
    worker: Worker,
    tracked: TrainingRun,
    nested: Callable[[], list[Run]],
    tmp_path: Path,
    mlflow_url: str,
    job_name: str,
) -> None:
    study = Study(f"sqlite:///{tmp_path / 'studies.db'}", job_name, Search.model_validate(SEARCH), 0)
    lost = study.take()
    assert lost is not None
    TrialRun(mlflow_url, W, job_name, tracked.id, lost.number, lost.params)
    first = worker().best(tracked, unheard)
    assert worker().best(tracked, unheard) == first
    worker(1).assist()
    states = Counter((run.info.status, run.data.tags["headrace.trial.state"]) for run in nested())
    assert states[("FAILED", "failed")] == 1
    assert states.total() == TRIALS + 1


def test_a_configuration_that_raises_fails_its_trial_and_too_many_of_them_the_search(
    worker: Worker, tracked: TrainingRun, nested: Callable[[], list[Run]]
) -> None:
    wrong: Mapping[str, Any] = {"space": {"max_depth": {"choice": [-1, -2]}}}
    with pytest.raises(
        WorkloadFailed, match=r"(?s)3 trials failed, the last because .*max_depth.*; narrow search.space"
    ):
        worker(**wrong).best(tracked, unheard)
    worker(1, **wrong).assist()
    assert [run.info.status for run in nested()] == ["FAILED"] * 3


def test_a_curve_that_no_training_draws_is_named_at_once(worker: Worker, tracked: TrainingRun) -> None:
    with pytest.raises(WorkloadFailed, match=r"search.metric is 'loss', but .*xgboost logs .*validation_logloss"):
        worker(metric="loss").best(tracked, unheard)


def test_a_search_without_a_database_says_what_to_set(mlflow_url: str, split: Path) -> None:
    with pytest.raises(WorkloadFailed, match="a search keeps its trials in a database; set HEADRACE_STUDIES_URL"):
        Searching(Order(W, "d1", "tuned", "job"), described(), 0, split, Settings(mlflow_url=mlflow_url))


@pytest.mark.parametrize(
    ("better", "point", "worth"), [("lower", "best", 0.3), ("higher", "best", 0.5), ("lower", "last", 0.4)]
)
def test_a_trial_is_worth_the_point_of_its_curve_that_the_search_names(
    tmp_path: Path, mlflow_url: str, job_name: str, tracked: TrainingRun, better: str, point: str, worth: float
) -> None:
    search = Search.model_validate({**SEARCH, "better": better, "point": point, "pruner": "none"})
    trial = Study(f"sqlite:///{tmp_path / 'studies.db'}", job_name, search, 0).take()
    assert trial is not None
    run = TrialRun(mlflow_url, W, job_name, tracked.id, trial.number, trial.params)
    followed = FollowedTrial(search, trial, run, unheard)
    for step, value in enumerate((0.5, math.nan, 0.3, 0.4), start=1):
        followed.log(step, {"validation_logloss": value, "learning_rate": 0.1})
        followed.log(step, {"validation_logloss": 9.0})
    assert followed.worth() == worth
    run.end(trial.complete(worth))
    history = MlflowClient(tracking_uri=mlflow_url).get_metric_history(run.id, "learning_rate")
    assert [point.step for point in history] == [1, 2, 3, 4]


def test_a_trial_hears_that_its_machine_is_taken_away_once_it_is_ready_to(
    tmp_path: Path, mlflow_url: str, job_name: str, tracked: TrainingRun
) -> None:
    trial = Study(f"sqlite:///{tmp_path / 'studies.db'}", job_name, Search.model_validate(SEARCH), 0).take()
    assert trial is not None
    run = TrialRun(mlflow_url, W, job_name, tracked.id, trial.number, trial.params)
    followed = FollowedTrial(Search.model_validate(SEARCH), trial, run, unheard)
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert followed.restore() is None
        assert not followed.stopping
        signal.raise_signal(signal.SIGTERM)
        assert followed.stopping
    finally:
        signal.signal(signal.SIGTERM, before)
