"""Data that comes from a database or from DVC, against a running stack."""

import csv
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import requests

from headrace.adapters.run import CloudRun
from headrace.events import DatasetReady
from tests.flow.loop import CANDIDATES, WORKLOAD, Loop
from tests.flow.waiting import eventually
from tests.flow.witness import Seen

SECONDS = 120
Run = Callable[..., str]


@pytest.fixture
def headrace(shared: Loop) -> Run:
    """Runs a command on the shared stack; returns what it prints."""

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "headrace.cli.main", *words, "--state", str(shared.state)]
        environment = {"COLUMNS": "200", "PATH": "/usr/bin:/bin", "USER": "somebody"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=environment, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture
def database(shared: Loop) -> Path:
    """A month of loans in a table."""
    path = shared.scratch / "loans.db"
    with shared.month().open(newline="") as file, closing(sqlite3.connect(path)) as connection:
        names, *rows = csv.reader(file)
        connection.execute("DROP TABLE IF EXISTS loans")
        connection.execute(f"CREATE TABLE loans ({', '.join(names)})")
        connection.executemany(f"INSERT INTO loans VALUES ({', '.join('?' for _ in names)})", rows)
        connection.commit()
    return path


def test_what_a_query_returns_trains_every_candidate(
    shared: Loop, first_turn: str, database: Path, headrace: Run
) -> None:
    asked = ("--sql", f"sqlite:///{database}", "--query", "SELECT * FROM loans ORDER BY rowid", "--name", "january")
    said = headrace("pull", WORKLOAD, *asked)
    _, _, rest = said.partition("rows are dataset version ")
    dataset = rest.split()[0]
    assert f"/{WORKLOAD}/january-{dataset}." in said
    shared.settle(dataset)
    assert len(shared.versions(dataset)) == len(CANDIDATES)
    assert f"nothing is new: the 900 rows are dataset version {dataset}" in headrace("pull", WORKLOAD, *asked)


def test_a_dataset_version_goes_to_dvc_and_comes_back_as_itself(
    shared: Loop, first_turn: str, seen: list[Seen], headrace: Run
) -> None:
    folder = shared.scratch / "champions"
    shutil.rmtree(folder, ignore_errors=True)
    said = headrace("dataset", "pull", WORKLOAD, "champion", str(folder))
    champion = shared.platform.registry.alias(WORKLOAD, "champion")
    assert champion is not None
    dataset = champion.tags["headrace.dataset"]
    assert f"dataset version {dataset} is in {folder}, tracked by champions.dvc" in said
    assert f"dvc remote modify headrace endpointurl {shared.stack.url('storage')}" in said
    jobs, told = len(shared.jobs()), readied(seen, dataset)
    assert f"dataset version {dataset} of {WORKLOAD} is ready" in headrace(
        "dataset", "push", str(folder.with_suffix(".dvc")), "--workload", WORKLOAD
    )
    eventually(lambda: readied(seen, dataset) == told + 1, "the dataset version announced again")
    assert len(shared.jobs()) == jobs


def readied(seen: list[Seen], dataset: str) -> int:
    """How many messages said that a dataset version is ready."""
    return sum(each.topic == DatasetReady.topic() and dataset.encode() in each.data for each in list(seen))


def test_the_scheduled_pull_runs_and_ends_well(shared: Loop) -> None:
    where = shared.platform.settings
    CloudRun(where).run("pull")
    job = f"{where.run_endpoint}/v2/projects/{where.project}/locations/{where.region}/jobs/pull"

    def ended() -> str:
        latest = requests.get(job, timeout=30).json()["latestCreatedExecution"]
        return str(latest["completionStatus"]) if "completionTime" in latest else ""

    assert eventually(ended, "the end of the pull") == "EXECUTION_SUCCEEDED"
