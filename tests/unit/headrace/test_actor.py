"""Who is written down as having given a command."""

import getpass
from dataclasses import replace
from pathlib import Path

import pytest

from headrace.cli.session import actor
from headrace.errors import Rejected
from headrace.wiring import GoogleCloud
from tests.fakes.platform import SETTINGS

CLOUD = GoogleCloud(SETTINGS)
LAPTOP = GoogleCloud(replace(SETTINGS, pubsub_endpoint="127.0.0.1:9"))


@pytest.fixture
def gcloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A gcloud that says what is written to a file."""
    program, said = tmp_path / "gcloud", tmp_path / "said"
    program.write_text(f"#!/bin/sh\ncat {said}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    said.write_text("ana@example.com\n")
    return said


def test_in_the_cloud_it_is_the_account_that_gcloud_works_as(gcloud: Path) -> None:
    assert actor(CLOUD) == "ana@example.com"


def test_with_a_local_stack_it_is_the_user_of_the_machine(gcloud: Path) -> None:
    assert actor(LAPTOP) == getpass.getuser()


def test_in_the_cloud_nobody_acts_without_a_name(gcloud: Path) -> None:
    gcloud.write_text("")
    with pytest.raises(Rejected, match="nobody is logged in: `gcloud auth login`"):
        actor(CLOUD)


def test_where_there_is_no_gcloud_it_is_the_user_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert actor(CLOUD) == getpass.getuser()
