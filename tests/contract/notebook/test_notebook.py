"""What `headrace connect` prints, run as it is; and what it stands on."""

from pathlib import Path

import pytest
import requests
from typer.testing import CliRunner

from headrace.cli.main import app
from headrace.errors import Rejected
from headrace.notebook import Notebook
from headrace.settings import Settings
from headrace.wiring import GoogleCloud
from tests.contract.notebook.conftest import FILES, Elsewhere, W


def printed(state: Path, where: Settings) -> str:
    """What `headrace connect` prints where the environment is that of `where`."""
    done = CliRunner().invoke(app, ["connect", W, "--state", str(state)], env=where.environment())
    assert done.exit_code == 0, done.output
    return done.output


def test_what_connect_prints_runs_elsewhere_reads_the_champions_data_and_tracks(
    where: Settings, champions_data: str, elsewhere: Elsewhere
) -> None:
    (elsewhere.home / "pasted.py").write_text(printed(elsewhere.home, where))
    said = elsewhere.run("pasted.py")
    folder = Path("headrace-data") / W / champions_data
    assert {str(folder / name) for name in FILES} <= set(said.splitlines())
    assert {name: (elsewhere.home / folder / name).read_bytes() for name in FILES} == FILES
    asked = {"filter": f"tags.`headrace.dataset` = '{champions_data}'", "experiment_ids": ["0", "1", "2", "3"]}
    found = requests.post(f"{where.mlflow_url}/api/2.0/mlflow/runs/search", json=asked, timeout=30).json()
    (run,) = found["runs"]
    assert [(metric["key"], metric["value"]) for metric in run["data"]["metrics"]] == [("files", 2)]


def test_a_dataset_version_is_downloaded_once_under_its_own_name(
    where: Settings, champions_data: str, tmp_path: Path
) -> None:
    nb = Notebook(GoogleCloud(where), tmp_path)
    folder = nb.dataset(W, champions_data)
    assert folder == tmp_path / W / champions_data
    before = folder.stat().st_mtime_ns
    assert nb.dataset(W, champions_data) == folder
    assert folder.stat().st_mtime_ns == before


def test_a_dataset_version_that_is_not_there_is_refused_and_leaves_nothing(where: Settings, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="has no dataset version 'other'"):
        Notebook(GoogleCloud(where), tmp_path).dataset(W, "other")
    assert list(tmp_path.iterdir()) == []


def test_without_a_version_it_is_the_champions(where: Settings, champions_data: str, tmp_path: Path) -> None:
    assert Notebook(GoogleCloud(where), tmp_path).dataset(W).name == champions_data


def test_a_workload_without_a_champion_wants_the_version_named(where: Settings, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match=r"MLflow knows no champion of nothing .* name the dataset version"):
        Notebook(GoogleCloud(where), tmp_path).dataset("nothing")


def test_a_cloud_is_connected_to_with_a_word_on_signing_in_and_proof_of_who_calls(elsewhere: Elsewhere) -> None:
    lines = printed(elsewhere.home, Settings(project="acme", region="r", mlflow_url="https://mlflow-1.run.app"))
    assert "--impersonate-service-account=NAME@acme.iam.gserviceaccount.com" in lines
    (line,) = [line for line in lines.splitlines() if line.startswith("nb = ")]
    program = f"import os, mlflow\nfrom headrace import notebook\n{line}\n"
    program += "print(os.environ['MLFLOW_TRACKING_AUTH'], mlflow.get_tracking_uri())"
    assert elsewhere.run("-c", program).split() == ["headrace", "https://mlflow-1.run.app"]
