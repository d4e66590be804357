"""Every field of a job is honoured, kept or refused by name: none is ignored."""

from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import batch_v1

from localcloud.batch import fields
from localcloud.fieldtable import field_paths


def test_every_field_of_a_job_has_one_place_in_the_table() -> None:
    places = {path: fields.JOB.places(path) for path in field_paths(batch_v1.Job.pb().DESCRIPTOR)}
    assert len(places) > 80
    assert {path: found for path, found in places.items() if len(found) != 1} == {}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"task_groups.0.task_spec.volumes": [{"gcs": {"remote_path": "b"}, "mount_path": "/m"}]}, "task_spec.volumes"),
        ({"task_groups.0.permissive_ssh": True}, "task_groups.permissive_ssh"),
        ({"task_groups.0.task_spec.environment": {"secret_variables": {"A": "b"}}}, "environment.secret_variables"),
        ({"task_groups.0.task_spec.runnables": [{"script": {"path": "/run.sh"}}]}, "runnables.script.path"),
        ({"allocation_policy.instances": [{"instance_template": "t"}]}, "instances.instance_template"),
        ({"allocation_policy.instances": [{"policy": {"disks": [{"device_name": "d"}]}}]}, "instances.policy.disks"),
        ({"allocation_policy.instances": [{"policy": {"provisioning_model": "FLEX_START"}}]}, "FLEX_START"),
        ({"logs_policy": {"destination": "PATH", "logs_path": "/logs"}}, "logs_policy.logs_path"),
        (
            {
                "task_groups.0.task_spec.runnables": [
                    {"container": {"image_uri": "i", "options": "--network host -e A=b"}}
                ]
            },
            "options '-e A=b'",
        ),
        (
            {"task_groups.0.task_spec.runnables": [{"container": {"image_uri": "i", "volumes": ["/a:/b"]}}]},
            "volumes '/a:/b'",
        ),
    ],
)
def test_what_would_change_the_outcome_is_refused_by_name(batch: Any, change: dict[str, Any], named: str) -> None:
    with pytest.raises(exceptions.MethodNotImplemented) as refused:
        batch.create(_changed(batch.job("true"), change))
    assert named in str(refused.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"task_groups": []}, "give exactly one"),
        ({"task_groups": [{"task_spec": {}}, {"task_spec": {}}]}, "has 2 groups"),
        ({"task_groups.0.task_spec.runnables": []}, "runnables is empty"),
        ({"task_groups.0.task_spec.max_retry_count": 11}, "max_retry_count is 11"),
        ({"task_groups.0.scheduling_policy": "IN_ORDER", "task_groups.0.parallelism": 2}, "needs parallelism 1"),
        ({"priority": 100}, "priority is 100"),
        ({"allocation_policy.location": {"allowed_locations": ["zones/europe-west4-a"]}}, "outside the job's location"),
        ({"allocation_policy.instances": [{}, {}]}, "more than one entry"),
        (
            {
                "task_groups.0.task_spec.runnables": [{"barrier": {}}],
                "task_groups.0.task_count": 2,
                "task_groups.0.parallelism": 1,
            },
            "parallelism must be task_count",
        ),
    ],
)
def test_what_the_service_refuses_is_refused(batch: Any, change: dict[str, Any], said: str) -> None:
    with pytest.raises(exceptions.InvalidArgument) as refused:
        batch.create(_changed(batch.job("true"), change))
    assert said in str(refused.value)


def test_what_only_sizes_the_vm_is_kept(batch: Any) -> None:
    policy = batch_v1.AllocationPolicy(
        location={"allowed_locations": ["regions/us-central1", "zones/us-central1-c"]},
        instances=[
            {"policy": {"machine_type": "g2-standard-4", "boot_disk": {"size_gb": 250}}, "install_gpu_drivers": True}
        ],
        service_account={"email": "trainer@local-proj.iam.gserviceaccount.com"},
    )
    job = batch.job("true")
    job.allocation_policy = policy
    assert batch.finish(batch.create(job)).allocation_policy == policy


def test_an_accelerator_is_kept_and_the_status_says_that_it_is_not_there(batch: Any) -> None:
    job = batch.job("true")
    job.allocation_policy.instances = [{"policy": {"accelerators": [{"type_": "nvidia-l4", "count": 1}]}}]
    job = batch.finish(batch.create(job))
    assert "Tasks run without 1 x nvidia-l4" in job.status.status_events[1].description


def test_a_method_that_is_not_there_is_named(batch: Any) -> None:
    with pytest.raises(exceptions.MethodNotImplemented, match=r"BatchService/UpdateJob|Locations/ListLocations"):
        batch.client.list_locations(request={"name": "projects/local-proj"})


def _changed(job: Any, change: dict[str, Any]) -> Any:
    for path, value in change.items():
        *parents, last = path.split(".")
        target = job
        for step in parents:
            target = target[int(step)] if step.isdigit() else getattr(target, step)
        setattr(target, last, value)
    return job
