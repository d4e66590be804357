"""The platform's own way of starting a Cloud Run job, on the real server."""

from pathlib import Path
from typing import Any

import pytest

from headrace.adapters.run import CloudRun
from headrace.errors import NotFound, Unavailable
from headrace.settings import Settings
from tests.contract.run.conftest import PARENT

WHERE = Settings(project=PARENT.split("/")[1], region=PARENT.split("/")[3])


def test_a_job_that_exists_is_started(own_cloud_run: Any, eventually: Any, tmp_path: Path) -> None:
    job = own_cloud_run.job(f"touch {tmp_path}/started")
    where = Settings(project=WHERE.project, region=WHERE.region, run_endpoint=own_cloud_run.url)
    CloudRun(where).run(job.name.rsplit("/", 1)[-1])
    eventually((tmp_path / "started").exists)


def test_a_job_that_does_not_exist_is_not_found(own_cloud_run: Any) -> None:
    where = Settings(project=WHERE.project, region=WHERE.region, run_endpoint=own_cloud_run.url)
    with pytest.raises(NotFound, match="there is no Cloud Run job nothing"):
        CloudRun(where).run("nothing")


def test_cloud_run_that_does_not_answer_is_unavailable() -> None:
    where = Settings(project=WHERE.project, region=WHERE.region, run_endpoint="http://127.0.0.1:9")
    with pytest.raises(Unavailable, match="Cloud Run did not start drift"):
        CloudRun(where).run("drift")


def test_a_run_brings_arguments_and_a_number_of_tasks_of_its_own(
    own_cloud_run: Any, eventually: Any, tmp_path: Path
) -> None:
    job = own_cloud_run.job("false")
    where = Settings(project=WHERE.project, region=WHERE.region, run_endpoint=own_cloud_run.url)
    script = f"touch {tmp_path}/$CLOUD_RUN_TASK_INDEX-of-$CLOUD_RUN_TASK_COUNT"
    CloudRun(where).run(job.name.rsplit("/", 1)[-1], [script], tasks=3)
    expected = {"0-of-3", "1-of-3", "2-of-3"}
    eventually(lambda: {path.name for path in tmp_path.iterdir()} >= expected)
    assert own_cloud_run.jobs.get_job(name=job.name).template.task_count == 1
