"""A training job's run in MLflow: one a job, however often the job is started."""

import warnings
from pathlib import Path

import mlflow
import numpy as np
import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric
from mlflow.exceptions import MlflowException
from sklearn.linear_model import LogisticRegression

from headrace.adapters.curves import Curves
from headrace.adapters.mlflow import MlflowRegistry
from headrace.adapters.tracking import TrainingRun
from headrace.data.datasets import Manifest
from headrace.workload import Native

MANIFEST = Manifest(workload="loan_default", dataset="9f2c41d8a7b35e60", source="gs://d/x#1", files=())


def attempt(url: str, job: str, export: Path) -> tuple[str, str]:
    """All that a job tells MLflow; its run and where its files are."""
    run = TrainingRun(url, "loan_default", job, {"headrace.candidate": "xgboost"})
    run.log({"max_depth": 3, "model": "xgboost"}, {"auc": 0.71})
    run.log_dataset(MANIFEST)
    source = run.log_export(export)
    run.finish()
    return run.id, source


def test_a_job_that_is_started_again_goes_on_in_the_run_it_had(mlflow_url: str, job_name: str, tmp_path: Path) -> None:
    export, fetched = tmp_path / "export", tmp_path / "fetched"
    export.mkdir()
    fetched.mkdir()
    (export / "model.onnx").write_bytes(b"the first attempt's")
    first = attempt(mlflow_url, job_name, export)
    (export / "model.onnx").write_bytes(b"the second attempt's")
    assert attempt(mlflow_url, job_name, export) == first
    run, source = first
    registry = MlflowRegistry(mlflow_url, retries=1)
    registry.download(registry.register("loan_default", run, source, {}), fetched)
    assert (fetched / "model.onnx").read_bytes() == b"the second attempt's"


def test_different_jobs_have_different_runs(mlflow_url: str, job_name: str) -> None:
    one, other = (TrainingRun(mlflow_url, "loan_default", f"{job_name}-{each}", {}) for each in ("a", "b"))
    assert one.id != other.id


def points(url: str, run: str, curve: str) -> list[tuple[int, float]]:
    """A curve as MLflow has it."""
    history = MlflowClient(tracking_uri=url).get_metric_history(run, curve)
    return sorted((point.step, point.value) for point in history)


def test_a_step_that_an_earlier_attempt_logged_is_not_logged_again(mlflow_url: str, job_name: str) -> None:
    first = TrainingRun(mlflow_url, "loan_default", job_name, {})
    for step in (1, 2, 3):
        first.curve(step, {"loss": 1.0 / step, "rate": 0.1})
    first.finish()
    second = TrainingRun(mlflow_url, "loan_default", job_name, {})
    for step in (2, 3, 4):
        second.curve(step, {"loss": 1.0 / step, "rate": 0.1})
    second.finish()
    assert points(mlflow_url, second.id, "loss") == [(1, 1.0), (2, 0.5), (3, 1 / 3), (4, 0.25)]
    assert [step for step, _ in points(mlflow_url, second.id, "rate")] == [1, 2, 3, 4]


class Hesitant:
    """MLflow's client, which is down for its first so many calls."""

    def __init__(self, client: MlflowClient, down: int) -> None:
        self._client, self.down = client, down

    def log_batch(self, run: str, metrics: list[Metric]) -> None:
        if self.down:
            self.down -= 1
            raise MlflowException("down")
        self._client.log_batch(run, metrics=metrics)

    def get_metric_history(self, run: str, key: str) -> list[Metric]:
        return list(self._client.get_metric_history(run, key))


def test_what_mlflow_does_not_take_at_first_is_there_in_the_end(mlflow_url: str, job_name: str) -> None:
    run = TrainingRun(mlflow_url, "loan_default", job_name, {})
    curves = Curves(Hesitant(MlflowClient(tracking_uri=mlflow_url), down=3), run.id)
    for step in (1, 2, 3):
        curves.add(step, {"loss": 1.0 / step})
    curves.close()
    assert points(mlflow_url, run.id, "loss") == [(1, 1.0), (2, 0.5), (3, 1 / 3)]


def test_what_mlflow_never_takes_is_an_error_in_the_end(mlflow_url: str, job_name: str) -> None:
    run = TrainingRun(mlflow_url, "loan_default", job_name, {})
    curves = Curves(Hesitant(MlflowClient(tracking_uri=mlflow_url), down=9), run.id)
    curves.add(1, {"loss": 1.0})
    with pytest.raises(MlflowException, match="down"):
        curves.close()


def test_pictures_and_figures_are_among_the_runs_files(mlflow_url: str, job_name: str, tmp_path: Path) -> None:
    run = TrainingRun(mlflow_url, "loan_default", job_name, {})
    run.picture("samples/epoch-001.png", b"a drawing")
    run.log_figures({"confusion.csv": b"a,b\n"})
    run.finish()
    client = MlflowClient(tracking_uri=mlflow_url)
    assert Path(client.download_artifacts(run.id, "pictures/samples/epoch-001.png", str(tmp_path))).read_bytes()
    assert [found.path for found in client.list_artifacts(run.id, "figures")] == ["figures/confusion.csv"]


def test_the_model_is_kept_in_mlflows_own_flavour_of_its_library(
    mlflow_url: str, job_name: str, tmp_path: Path
) -> None:
    rows = np.random.default_rng(0).random((50, 3)).astype(np.float32)
    model = LogisticRegression().fit(rows, rows[:, 0] > 0.5)
    kept = tmp_path / "kept"
    kept.mkdir()
    run = TrainingRun(mlflow_url, "loan_default", job_name, {})
    run.log_kept(kept, Native("sklearn", model, {"features": rows}))
    run.finish()
    folder = MlflowClient(tracking_uri=mlflow_url).download_artifacts(run.id, "kept/native", str(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = mlflow.pyfunc.load_model(folder).predict(rows)
    assert (found == model.predict(rows)).all()
