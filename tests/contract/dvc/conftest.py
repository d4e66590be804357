"""The platform's buckets on a storage server, and DVC as it is installed, in folders of the test's own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage as gcs

from headrace.adapters.storage import Bucket
from headrace.wiring import GoogleCloud
from tests.contract.dvc.meter import Meter
from tests.contract.ports.servers import ROOT, free_port, running
from tests.fakes import FakePlatform
from tests.fakes.platform import SETTINGS
from workloads.loan_default.generator import write_csv

PROJECT = SETTINGS.project


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Meter]:
    """A storage server with the platform's buckets; whatever goes to it is counted."""
    port = free_port()
    with running(port, "localcloud", "storage", "--port", str(port), "--state", str(tmp_path / "state")):
        options = {"api_endpoint": f"http://127.0.0.1:{port}"}
        client = gcs.Client(project=PROJECT, credentials=AnonymousCredentials(), client_options=options)
        for purpose in ("data", "store"):
            client.create_bucket(f"{PROJECT}-{purpose}")
        client.close()
        with Meter().running(behind=port) as meter:
            yield meter


@pytest.fixture
def platform(storage: Meter) -> GoogleCloud:
    """A platform in memory, but for its buckets."""
    cloud = FakePlatform().cloud()
    cloud.data = Bucket(f"{PROJECT}-data", PROJECT, storage.url)
    cloud.store = Bucket(f"{PROJECT}-store", PROJECT, storage.url)
    return cloud


@pytest.fixture(scope="session")
def months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of loans: two months, one of them in a folder of its own, and a copy of it."""
    folder = tmp_path_factory.mktemp("loans") / "months"
    (folder / "2024").mkdir(parents=True)
    write_csv(folder / "2024" / "01 jänner.csv", 1500, "2024-01")
    write_csv(folder / "02.csv", 1500, "2024-02")
    (folder / "again.csv").write_bytes((folder / "02.csv").read_bytes())
    return folder


class Shell:
    """Commands as somebody types them, in a machine's home of the test's own."""

    def __init__(self, home: Path, storage_url: str) -> None:
        self._environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(home),
            "COLUMNS": "200",
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": str(home / "site"),
            "HEADRACE_PROJECT": PROJECT,
            "HEADRACE_REGION": SETTINGS.region,
            "HEADRACE_MLFLOW_URL": SETTINGS.mlflow_url,
            "STORAGE_EMULATOR_HOST": storage_url,
        }

    def run(self, folder: Path, *commands: str) -> str:
        """What the commands print, one after the other; the first that fails fails the test."""
        script = "\n".join(("set -e", *commands))
        done = subprocess.run(
            ["sh", "-c", script], cwd=folder, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture
def shell(tmp_path: Path, storage: Meter) -> Shell:
    return Shell(tmp_path / "home", storage.url)


SETTINGS_OF_DVC = f"""\
[core]
    no_scm = True
    remote = headrace
['remote "headrace"']
    url = gs://{PROJECT}-store/dvc
    endpointurl = {{}}
    allow_anonymous_login = true
"""


@pytest.fixture
def repository(tmp_path: Path, storage: Meter) -> Path:
    """A DVC repository that knows the bucket, as its commands would have made it."""
    folder = tmp_path / "repository"
    (folder / ".dvc").mkdir(parents=True)
    (folder / ".dvc" / "config").write_text(SETTINGS_OF_DVC.format(storage.url))
    return folder
