"""Every service and job, installed with its own requirements and nothing else, starts and answers."""

from pathlib import Path

import pytest
import requests

from tests.deploy.alone import Alone

ROOT = Path(__file__).parents[2]
CLOUD_EVENTS = ["services/trainer", "services/evaluator"]
SERVICE_MIB, INFERENCE_MIB, STUDIO_MIB = 400, 380, 750
"""What is installed, at most; of the inference service's, pyarrow is a good third, which reads Parquet bodies."""
FRAMEWORK = ["-c", "from functions_framework._cli import _cli; _cli()", "--target", "main", "--host", "127.0.0.1"]
UNKNOWN = {
    "ce-id": "1",
    "ce-source": "//somewhere",
    "ce-specversion": "1.0",
    "ce-type": "headrace.unknown.v1.happened",
    "content-type": "application/json",
}


def test_every_folder_with_a_main_has_requirements() -> None:
    mains = {path.parent for kind in ("functions", "services") for path in (ROOT / kind).glob("*/main.py")}
    assert {folder for folder in mains if not (folder / "requirements.txt").is_file()} == set()


@pytest.mark.slow
@pytest.mark.parametrize("folder", CLOUD_EVENTS)
def test_a_cloud_event_deployable_acknowledges_an_event_it_does_not_know(folder: str, alone: Alone) -> None:
    alone.install(folder)
    framework = [*FRAMEWORK, "--signature-type", "cloudevent", "--source", f"{folder}/main.py"]
    with alone.serving(*framework) as url:
        answer = requests.post(url, data="{}", headers=UNKNOWN, timeout=30)
    assert answer.status_code == 200
    assert alone.mib() < SERVICE_MIB


@pytest.mark.slow
def test_inference_alone_is_healthy_and_holds_neither_mlflow_nor_a_training_library(alone: Alone) -> None:
    alone.install("services/inference")
    with alone.serving("-m", "services.inference.main") as url:
        assert requests.get(f"{url}/health", timeout=30).status_code == 200
    assert alone.mib() < INFERENCE_MIB
    heavy = (
        "import importlib.util as u; print([m for m in ('mlflow', 'xgboost', 'sklearn', 'torch') if u.find_spec(m)])"
    )
    assert alone.run("-c", heavy).strip() == "[]"


@pytest.mark.slow
def test_mlflow_alone_is_healthy(alone: Alone, tmp_path: Path) -> None:
    alone.install("services/mlflow")
    database = f"sqlite:///{tmp_path / 'mlflow.db'}"
    with alone.serving("-m", "services.mlflow.main", "--database", database, "--hook", "http://127.0.0.1:9/") as url:
        assert requests.get(f"{url}/health", timeout=30).status_code == 200


@pytest.mark.slow
def test_the_studio_alone_is_healthy_with_all_its_pages_and_without_what_trains(alone: Alone) -> None:
    alone.install("services/studio")
    with alone.serving("-m", "services.studio.main") as url:
        assert requests.get(f"{url}/_stcore/health", timeout=30).status_code == 200
    assert alone.mib() < STUDIO_MIB
    training = ("mlflow", "xgboost", "onnxruntime", "torch")
    found = f"import importlib.util as u; print([m for m in {training} if u.find_spec(m)])"
    assert alone.run("-c", found).strip() == "[]"


@pytest.mark.slow
def test_the_drift_job_alone_imports_all_it_needs(alone: Alone) -> None:
    alone.install("services/drift")
    alone.run(
        "-c",
        "import evidently, headrace.models.scoring, services.drift.main, services.drift.page",
    )


@pytest.mark.slow
def test_the_batch_inference_job_alone_imports_all_it_needs(alone: Alone) -> None:
    alone.install("services/batch_inference")
    alone.run("-c", "import services.batch_inference.main, headrace.adapters.run, workloads.cats_dogs.serving")


@pytest.mark.slow
def test_the_training_job_alone_imports_all_it_needs(alone: Alone) -> None:
    alone.install("services/trainer", "requirements-training.txt")
    alone.run("-c", "import services.trainer.job; from headrace import loading; loading.training('loan_default')")
