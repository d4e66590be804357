"""What a delivery tells gcloud is what gcloud takes."""

import json
from pathlib import Path

import pytest

from headrace.catalogue import Resources
from headrace.delivery.quotas import trained
from headrace.delivery.steps import run
from tests.unit.delivery.cloud import DEPLOYER, INFERENCE, Cloud
from tests.unit.delivery.test_deliveries import WHOLE

KNOWN = json.loads((Path(__file__).parent / "gcloud" / "commands.json").read_text())


@pytest.fixture
def told(google: Cloud) -> list[list[str]]:
    """Every command of a first delivery, by a person, and of a second, by a workflow's account."""
    google.project["quotas"] = {"NVIDIA_T4_GPUS": 1, "PREEMPTIBLE_NVIDIA_T4_GPUS": 1, "GPUS_ALL_REGIONS": 1}
    run(google.delivery("one"), [*WHOLE, "rollback"])
    trained(google.delivery("one"), [Resources(gpu="nvidia-tesla-t4")])
    google.project["account"] = DEPLOYER
    run(google.delivery("two"), WHOLE)
    assert google.revisions(INFERENCE)[-1] == f"{INFERENCE}-00002-two"
    return [words[1:] for words in google.commands("gcloud")]


def test_every_command_and_every_flag_is_one_that_gcloud_has(told: list[list[str]]) -> None:
    assert [trouble for words in told for trouble in unknown(words)] == []


def test_every_command_about_the_project_names_it(told: list[list[str]]) -> None:
    about_itself = ("auth", "projects", "billing")
    assert [words for words in told if words[0] not in about_itself and "--project=my-project" not in words] == []


def unknown(words: list[str]) -> list[str]:
    line = " ".join(words)
    command = next((known for known in KNOWN["commands"] if line.startswith(f"{known} ") or line == known), None)
    if command is None:
        return [f"gcloud has no {line}"]
    flags = [word.partition("=")[0] for word in words if word.startswith("--")]
    return [f"{command} takes no {flag}" for flag in flags if flag not in (*KNOWN["commands"][command], *KNOWN["wide"])]


def test_a_flag_that_gcloud_lacks_is_found() -> None:
    assert unknown(["run", "services", "list", "--colour=red"]) == ["run services list takes no --colour"]
    assert unknown(["run", "fast"]) == ["gcloud has no run fast"]
