"""Rows dropped to be scored, against a running stack: to the manifest, through the job's own processes."""

import csv
import json
import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from headrace import batches
from headrace.batches import ROOT, Manifest
from headrace.events import BatchScored
from tests.flow.loop import WORKLOAD, Loop
from tests.flow.processes import mentioning
from tests.flow.waiting import eventually

SECONDS = 120


def spoilt(path: Path, *lines: int) -> Path:
    """A file of loans whose rate is none on these lines."""
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    for line in lines:
        rows[line - 1][rows[0].index("int_rate")] = "a lot"
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return path


def table(loop: Loop, manifest: Manifest, kind: str) -> list[dict[str, str]]:
    folder = batches.folder(WORKLOAD, manifest.batch)
    names = [each.name for each in (manifest.outputs if kind == "parts" else manifest.rejects)]
    texts = [loop.platform.store.read(f"{folder}/{name}").decode() for name in names]
    return [row for text in texts for row in csv.DictReader(StringIO(text))]


def scored(loop: Loop, since: set[str]) -> BatchScored:
    """The news of a batch that was not told before."""
    news = eventually(lambda: [each for each in loop.facts(BatchScored) if each.batch not in since], "a batch scored")
    return news[0]


def told(loop: Loop) -> set[str]:
    return {each.batch for each in loop.facts(BatchScored)}


def manifest_of(loop: Loop, fact: BatchScored) -> Manifest:
    return Manifest.model_validate_json(loop.platform.store.read(batches.manifest_name(WORKLOAD, fact.batch)))


def test_5000_loans_are_scored_with_three_bad_rows_set_aside(shared: Loop, first_turn: str) -> None:
    path, before = spoilt(shared.month(rows=5000), 3, 2500, 5001), told(shared)
    for _ in range(3):
        shared.platform.data.upload(f"{ROOT}{WORKLOAD}/{path.name}", path)
    fact = scored(shared, before)
    manifest = manifest_of(shared, fact)
    assert (fact.rows, fact.rejected, fact.version) == (5000, 3, shared.champion())
    assert [int(row["line"]) for row in table(shared, manifest, "rejects")] == [3, 2500, 5001]
    assert all("int_rate" in row["reason"] for row in table(shared, manifest, "rejects"))
    lines = {int(row["line"]) for row in table(shared, manifest, "parts")}
    assert lines == set(range(2, 5002)) - {3, 2500, 5001}
    latest = json.loads(shared.platform.store.read(batches.latest_name(WORKLOAD)))
    assert latest["batch"] == fact.batch


def test_a_batch_whose_task_is_killed_is_scored_all_the_same(shared: Loop, first_turn: str) -> None:
    before = told(shared)
    folder = f"{ROOT}{WORKLOAD}/killed"
    for number in range(3):
        shared.platform.data.upload(f"{folder}/{number}.csv", shared.month(rows=3000))
    shared.platform.data.write(f"{folder}/_SUCCESS", b"")
    task = eventually(lambda: mentioning(str(shared.state), "services.batch_inference.main\0--workload"), "a task")[0]
    os.kill(task, signal.SIGKILL)
    fact = scored(shared, before)
    assert (fact.rows, fact.rejected) == (9000, 0)
    assert len(table(shared, manifest_of(shared, fact), "parts")) == 9000


@pytest.mark.parametrize("again", [False, True], ids=["once", "again"])
def test_the_command_follows_a_file_to_its_result(shared: Loop, first_turn: str, again: bool) -> None:
    path = shared.scratch / "to-score.csv"
    if not again:
        spoilt(shared.month(rows=300), 7).rename(path)
    command = [sys.executable, "-m", "headrace.cli.main", "score", WORKLOAD, str(path), "--state", str(shared.state)]
    environment = {"COLUMNS": "200", "PATH": "/usr/bin:/bin", "USER": "somebody"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"299 of 300 rows are answered by version {shared.champion()}" in done.stdout
    assert "rejected rows: 1; lines and reasons are in gs://" in done.stdout
