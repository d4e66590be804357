"""A training job's run in MLflow: one a job, however often the job is started."""

from pathlib import Path

from headrace.adapters.mlflow import MlflowRegistry
from headrace.adapters.tracking import TrainingRun
from headrace.datasets import Manifest

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
