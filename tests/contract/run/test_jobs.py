"""Jobs of the Cloud Run Admin API v2, through Google's own client over REST."""

from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import run_v2

from localcloud.fieldtable import field_paths
from localcloud.run import fields

PARENT = "projects/local-proj/locations/us-central1"
State = run_v2.Condition.State


def test_a_job_is_created_with_the_service_s_defaults(cloud_run: Any) -> None:
    job = cloud_run.job("true", "defaults")
    assert cloud_run.jobs.get_job(name=job.name) == job
    assert job.name == f"{PARENT}/jobs/defaults"
    assert (job.generation, job.template.task_count) == (1, 1)
    assert (job.template.template.max_retries, job.template.template.timeout.total_seconds()) == (3, 600)
    assert job.terminal_condition.state == State.CONDITION_SUCCEEDED


def test_a_job_id_is_used_once(cloud_run: Any) -> None:
    cloud_run.job("true", "once")
    with pytest.raises(exceptions.Conflict, match="jobs/once already exists"):
        cloud_run.job("true", "once")


def test_an_unknown_job_is_not_found(cloud_run: Any) -> None:
    with pytest.raises(exceptions.NotFound, match="there is no job"):
        cloud_run.jobs.get_job(name=f"{PARENT}/jobs/none")


def test_jobs_are_listed_by_page(cloud_run: Any) -> None:
    names = [cloud_run.job("true", f"listed-{number}").name for number in range(3)]
    found = [job.name for job in cloud_run.jobs.list_jobs(request={"parent": PARENT, "page_size": 2})]
    assert [name for name in found if "listed" in name] == names


def test_a_job_is_replaced_only_from_its_newest_state(cloud_run: Any) -> None:
    job = cloud_run.job("echo one", "replaced")
    job.template.template.containers[0].args = ["echo two"]
    newer = cloud_run.jobs.update_job(job=job).result(timeout=10)
    assert (newer.generation, newer.uid) == (2, job.uid)
    with pytest.raises(exceptions.Conflict, match="is not that of"):
        cloud_run.jobs.update_job(job=job)
    assert cloud_run.log(cloud_run.finish(cloud_run.run(newer))) == "two\n"


def test_a_deleted_job_takes_its_executions_with_it(cloud_run: Any, eventually: Any) -> None:
    job = cloud_run.job("trap 'echo stopped; exit' TERM; echo on; while :; do sleep 0.05; done", "deleted")
    execution = cloud_run.run(job)
    eventually(lambda: "on" in cloud_run.log(execution))
    cloud_run.jobs.delete_job(name=job.name).result(timeout=10)
    assert "stopped" in cloud_run.log(execution)
    for get, name in [(cloud_run.jobs.get_job, job.name), (cloud_run.executions.get_execution, execution.name)]:
        with pytest.raises(exceptions.NotFound):
            get(name=name)


def test_every_field_of_a_job_has_one_place_in_the_table() -> None:
    places = {path: fields.JOB.places(path) for path in field_paths(run_v2.Job.pb().DESCRIPTOR)}
    assert len(places) > 80
    assert {path: found for path, found in places.items() if len(found) != 1} == {}


@pytest.mark.parametrize(
    ("container", "task", "named"),
    [
        ({"working_dir": "/app"}, {}, "containers.working_dir"),
        ({"volume_mounts": [{"name": "v", "mount_path": "/m"}]}, {}, "volume_mounts"),
        ({}, {"volumes": [{"name": "v", "gcs": {"bucket": "b"}}]}, "template.template.volumes"),
        ({"env": [{"name": "A", "value_source": {"secret_key_ref": {"secret": "s"}}}]}, {}, "env.value_source"),
        ({"startup_probe": {"period_seconds": 1}}, {}, "startup_probe"),
    ],
)
def test_what_would_change_the_outcome_is_refused_by_name(
    cloud_run: Any, container: dict[str, Any], task: dict[str, Any], named: str
) -> None:
    template = run_v2.TaskTemplate(containers=[run_v2.Container(image="shell", **container)], **task)
    job = run_v2.Job(template={"template": template})
    with pytest.raises(exceptions.GoogleAPICallError) as refused:
        cloud_run.jobs.create_job(parent=PARENT, job=job, job_id="refused")
    assert refused.value.code == 501
    assert named in str(refused.value)


def test_other_services_of_the_api_are_refused_by_name(cloud_run: Any) -> None:
    with pytest.raises(exceptions.GoogleAPICallError) as refused:
        cloud_run.jobs.get_iam_policy(request={"resource": f"{PARENT}/jobs/defaults"})
    assert "localcloud does not implement GET /v2/" in str(refused.value)
