"""`headrace deploy` and `headrace destroy`, as they are typed."""

import pytest
from typer.testing import CliRunner

from headrace.cli.main import app
from tests.unit.delivery.cloud import Cloud
from tests.unit.delivery.test_teardown import STATE


@pytest.fixture
def typed(google: Cloud, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("PATH", f"{google.folder / 'bin'}:/usr/bin:/bin")
    google.project["state"] = STATE
    return CliRunner()


def test_a_single_step_is_run_alone(google: Cloud, typed: CliRunner) -> None:
    said = typed.invoke(app, ["deploy", "--project=my-project", "--revision=one", "--step=preflight"])
    assert said.exit_code == 0
    assert "ada@example.com works on my-project, europe-west1, revision one" in said.output
    assert google.commands("terraform") == []


def test_what_stops_a_delivery_is_a_sentence_and_a_failure(google: Cloud, typed: CliRunner) -> None:
    google.project["billing"] = False
    said = typed.invoke(app, ["deploy", "--project=my-project", "--revision=one"])
    assert said.exit_code == 1
    assert "project my-project has no billing account" in said.output
    assert "Traceback" not in said.output


@pytest.mark.parametrize(
    ("options", "answer"), [([], "my-projekt\n"), (["--yes-destroy=other"], "")], ids=["typed", "given"]
)
def test_another_name_destroys_nothing(google: Cloud, typed: CliRunner, options: list[str], answer: str) -> None:
    said = typed.invoke(app, ["destroy", "--project=my-project", *options], input=answer)
    assert said.exit_code == 1
    assert "nothing was changed" in said.output
    assert [words for words in google.commands("terraform") if "plan" in words or "apply" in words] == []


def test_before_anything_is_destroyed_it_is_said_what_goes_and_what_stays(google: Cloud, typed: CliRunner) -> None:
    said = typed.invoke(app, ["destroy", "--project=my-project", "--yes-destroy=my-project"])
    assert said.exit_code == 0, said.output
    assert 'goes   google_pubsub_topic.each["dataset-ready"]  dataset-ready' in said.output
    assert 'stays  google_storage_bucket.each["data"]  my-project-data' in said.output
    assert said.output.index("stays") < said.output.index("terraform -chdir=infra plan -var-file")


def test_where_nothing_is_deployed_nothing_is_asked(google: Cloud, typed: CliRunner) -> None:
    google.project["state"] = []
    said = typed.invoke(app, ["destroy", "--project=my-project"])
    assert said.exit_code == 0
    assert "nothing of dev is left in my-project" in said.output
