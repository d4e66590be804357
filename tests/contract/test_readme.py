"""The README tells the truth: its picture is the topology's, its commands exist, its links lead somewhere."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from headrace import topology
from headrace.cli.main import app
from headrace.diagram import mermaid
from headrace.options.drift import Drift
from headrace.policy.promotion import Promotion

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
COMMANDS = re.findall(r"^headrace .*?(?=\s+#|$)", README, re.MULTILINE)


def test_the_picture_is_drawn_from_the_topology() -> None:
    drawn = mermaid(topology.load(ROOT / "infra" / "topology.yaml"), frozenset({"notify", "studio"}))
    assert f"```mermaid\n{drawn}\n```" in README


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_readme_is_one_the_command_line_takes(line: str) -> None:
    _, name, *arguments = shlex.split(line)
    command = get_command(app).commands[name]  # type: ignore[attr-defined]  # typer makes a group of it
    given = [str(ROOT / "README.md") if argument.startswith("path/") else argument for argument in arguments]
    assert command.make_context(name, given).params is not None


def test_the_readme_shows_commands_at_all() -> None:
    assert len(COMMANDS) >= 8


def test_the_policy_that_the_readme_shows_is_one() -> None:
    shown = re.search(r"```yaml\npromotion:\n.*?\n```", README, re.DOTALL)
    assert shown
    said = yaml.safe_load(shown.group().strip("`").removeprefix("yaml"))["promotion"]
    assert Promotion.model_validate(said).model_dump(include=set(said)).keys() == said.keys()


def test_what_the_readme_says_of_drift_can_be_said() -> None:
    shown = re.search(r"```yaml\ndrift:\n.*?\n```", README, re.DOTALL)
    assert shown
    said = yaml.safe_load(shown.group().strip("`").removeprefix("yaml"))["drift"]
    assert set(said) == set(Drift.model_fields)
    assert Drift.model_validate(said).model_dump(include={"budget"})["budget"] == said["budget"]


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_every_link_leads_to_a_file(target: str) -> None:
    assert (ROOT / target).exists()


@pytest.mark.parametrize("target", re.findall(r"^make ([a-z-]+)", README, re.MULTILINE))
def test_every_make_target_of_the_readme_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
