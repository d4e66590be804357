"""GitHub's workflows say what GitHub takes, safely, and run the steps of a delivery in their order."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from headrace.cli.main import app
from headrace.delivery.steps import STEPS, WAY
from tests.infra.test_cloudbuild import ONCE_BY_A_PERSON

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
FILES = sorted([*GITHUB.glob("workflows/*.yml"), *GITHUB.glob("actions/*/action.yml")])


def parsed(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(path.read_text())
    return read


def steps(path: Path) -> list[dict[str, Any]]:
    file = parsed(path)
    owners = [file["runs"]] if "runs" in file else list(file["jobs"].values())
    return [step for owner in owners for step in owner["steps"]]


def zizmor(folder: Path) -> "subprocess.CompletedProcess[str]":
    """GitHub's schema, and a list of known weaknesses, held against all that is in the folder."""
    tool = str(Path(sys.executable).parent / "zizmor")
    words = [tool, "--offline", "--no-progress", "--no-config", "--strict-collection", "--min-severity=medium"]
    return subprocess.run([*words, str(folder)], capture_output=True, text=True, check=False)


def test_github_takes_them_and_no_weakness_is_known() -> None:
    found = zizmor(GITHUB)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("runs-on:", "runs-onn:"),
        ("@3d3c42e5aac5ba805825da76410c181273ba90b1", "@main"),
        ('"$PULL_REQUEST"', "${{ github.event.pull_request.title }}"),
    ],
    ids=["unknown field", "what may change", "a stranger's words in a shell"],
)
def test_what_is_wrong_or_weak_is_found(tmp_path: Path, right: str, wrong: str) -> None:
    shutil.copytree(GITHUB, tmp_path / ".github")
    workflow = tmp_path / ".github" / "workflows" / "ci.yml"
    assert right in workflow.read_text()
    workflow.write_text(workflow.read_text().replace(right, wrong))
    assert zizmor(tmp_path).returncode != 0


def test_a_delivery_runs_every_step_in_order_and_rolls_back_at_the_end() -> None:
    found = [name for step in steps(GITHUB / "workflows/deploy.yml") for name in named(step)]
    assert found == [*(name for name in WAY if name not in ONCE_BY_A_PERSON), "rollback"]


def test_every_step_that_a_workflow_names_exists() -> None:
    assert {name for file in FILES for step in steps(file) for name in named(step)} <= set(STEPS)


def named(step: dict[str, Any]) -> list[str]:
    return re.findall(r"--step=([a-z]+)", step.get("run", ""))


@pytest.mark.parametrize("file", FILES, ids=lambda path: str(path.relative_to(GITHUB)))
def test_a_step_is_one_command_and_holds_no_logic(file: Path) -> None:
    runs = [step["run"].strip() for step in steps(file) if "run" in step]
    assert [run for run in runs if re.search(r"\n|;|&&|\|\||\$\{\{", run)] == []


def test_what_is_not_ours_is_pinned_to_a_commit() -> None:
    uses = [step["uses"] for file in FILES for step in steps(file) if "uses" in step]
    assert [use for use in uses if not re.fullmatch(r"\./.+|.+@[0-9a-f]{40}", use)] == []


def test_rights_are_given_job_by_job() -> None:
    for file in GITHUB.glob("workflows/*.yml"):
        assert parsed(file)["permissions"] == {}
        assert all(job["permissions"]["contents"] == "read" for job in parsed(file)["jobs"].values())


def test_commands_are_ones_that_the_command_line_takes() -> None:
    deploy = get_command(app).commands["deploy"]  # type: ignore[attr-defined]  # typer makes a group of it
    for file in FILES:
        for step in steps(file):
            if step.get("run", "").startswith("headrace deploy "):
                words = step["run"].replace('"', "").split()[2:]
                assert deploy.make_context("deploy", ["--project=my-project", *words]).params["step"]
