from dataclasses import fields
from pathlib import Path

import pytest

from headrace import settings
from headrace.settings import VARIABLES, Settings, SettingsMissing, Task

PLACE = {"HEADRACE_PROJECT": "acme-mlops", "HEADRACE_REGION": "europe-west4"}


def test_settings_are_read_from_the_environment_and_the_rest_has_defaults() -> None:
    where = settings.load(environ={**PLACE, "HEADRACE_COMPONENT": "ingest", "UNRELATED": "x"})
    assert where == Settings(project="acme-mlops", region="europe-west4", component="ingest")


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(SettingsMissing) as missing:
        settings.load("mlflow_url", "webhook_secret", environ={"HEADRACE_REGION": "europe-west4"})
    assert str(missing.value).startswith("set HEADRACE_PROJECT, HEADRACE_MLFLOW_URL, HEADRACE_WEBHOOK_SECRET ")


def test_an_empty_variable_is_a_missing_one() -> None:
    with pytest.raises(SettingsMissing, match="HEADRACE_MLFLOW_URL"):
        settings.load("mlflow_url", environ={**PLACE, "HEADRACE_MLFLOW_URL": ""})


def test_what_a_component_does_not_need_may_be_missing() -> None:
    assert settings.load(environ=PLACE).mlflow_url == ""


def test_settings_given_to_another_process_are_the_same_there() -> None:
    where = Settings(**{each.name: f"the {each.name}" for each in fields(Settings)})
    assert settings.load(environ=where.environment()) == where


def test_every_setting_has_a_variable() -> None:
    assert list(VARIABLES) == [each.name for each in fields(Settings)]


def test_a_buckets_name_is_derived_from_the_project() -> None:
    assert Settings(project="acme-mlops").bucket("audit") == "acme-mlops-audit"


def test_the_command_line_finds_the_running_stack_by_its_state_folder(tmp_path: Path) -> None:
    variables = {**PLACE, "HEADRACE_MLFLOW_URL": "http://127.0.0.1:5000/?a=b"}
    (tmp_path / "environment").write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    assert settings.load_for_command_line(tmp_path) == settings.load(environ=variables)


def test_without_a_running_stack_the_command_line_reads_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VARIABLES.values():
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsMissing, match="HEADRACE_PROJECT, HEADRACE_REGION, HEADRACE_MLFLOW_URL"):
        settings.load_for_command_line(tmp_path)


def test_a_task_of_a_cloud_run_job_knows_its_number_and_how_many_there_are() -> None:
    assert settings.run_task({}) == Task(0, 1)
    assert settings.run_task({"CLOUD_RUN_TASK_INDEX": "2", "CLOUD_RUN_TASK_COUNT": "5"}) == Task(2, 5)
