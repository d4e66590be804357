"""MLflow and the buckets, with a champion and its data, as a notebook elsewhere reaches them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from cryptography.fernet import Fernet
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage as gcs

from headrace.adapters.tracking import TrainingRun
from headrace.data import datasets
from headrace.data.datasets import Manifest
from headrace.settings import Settings
from headrace.wiring import GoogleCloud
from tests.contract.notebook.google import Google, google, guarded
from tests.contract.ports.servers import ROOT, eventually, free_port, running

PROJECT, REGION, W = "local-headrace", "local-region1", "loan_default"
FILES = {"2024/january.csv": b"a,b\n1,2\n", "february.csv": b"a,b\n3,4\n"}


class Elsewhere:
    """A machine that knows of the platform only what it is told."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *command: str, **environment: str) -> str:
        """What a Python program prints."""
        kept = {"PATH": os.environ["PATH"], "HOME": str(self.home), "PYTHONPATH": str(ROOT), "USER": "somebody"}
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.home,
            env={**kept, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def elsewhere(tmp_path: Path) -> Elsewhere:
    return Elsewhere(tmp_path)


@pytest.fixture(scope="session")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A storage server with the platform's buckets, and MLflow's server as the platform runs it."""
    state, storage_port, mlflow_port = tmp_path_factory.mktemp("servers"), free_port(), free_port()
    storage = f"http://127.0.0.1:{storage_port}"
    with running(storage_port, "localcloud", "storage", "--port", str(storage_port), "--state", str(state / "storage")):
        client = gcs.Client(
            project=PROJECT, credentials=AnonymousCredentials(), client_options={"api_endpoint": storage}
        )
        for purpose in ("data", "store", "models"):
            client.create_bucket(f"{PROJECT}-{purpose}")
        client.close()
        url = f"http://127.0.0.1:{mlflow_port}"
        arguments = ["--port", str(mlflow_port), "--database", f"sqlite:///{state / 'mlflow.db'}"]
        environment = {
            "HEADRACE_PROJECT": PROJECT,
            "HEADRACE_REGION": REGION,
            "HEADRACE_WEBHOOK_SECRET": "a secret",
            "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY": Fernet.generate_key().decode(),
            "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http",
            "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true",
            "MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES": "0",
            "STORAGE_EMULATOR_HOST": storage,
        }
        with running(mlflow_port, "services.mlflow.main", *arguments, "--hook", "http://127.0.0.1:9/", **environment):
            eventually(lambda: requests.get(f"{url}/health", timeout=30).ok)
            yield Settings(project=PROJECT, region=REGION, mlflow_url=url, storage_endpoint=storage)


@pytest.fixture(scope="session")
def champions_data(where: Settings, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The dataset version that the champion was trained on."""
    platform, folder = GoogleCloud(where), tmp_path_factory.mktemp("model")
    for name, content in FILES.items():
        platform.data.write(f"{W}/months/{name}", content)
    stats = platform.data.list(f"{W}/months/")
    files = [datasets.as_file(platform.data.bucket, stat, stat.name.removeprefix(f"{W}/months/")) for stat in stats]
    dataset = datasets.version_of(files)
    datasets.publish(platform.store, Manifest(workload=W, dataset=dataset, source="months", files=tuple(files)))
    (folder / "model.onnx").write_bytes(b"a model")
    run = TrainingRun(where.mlflow_url, W, "job-1", {})
    version = platform.registry.register(W, run.id, run.log_export(folder), {"headrace.dataset": dataset})
    platform.registry.set_alias(W, "champion", version.number)
    return dataset


@pytest.fixture
def keeper() -> Iterator[Google]:
    """Google, as far as it says who calls."""
    with google() as made:
        yield made


@pytest.fixture
def guarded_url(where: Settings, keeper: Google) -> Iterator[str]:
    """MLflow behind a door that lets in only whom Google knows."""
    with guarded(where.mlflow_url, keeper) as url:
        yield url
