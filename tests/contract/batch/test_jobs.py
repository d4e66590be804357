"""Jobs of google.cloud.batch.v1: their states, events, names, lists and ends."""

import uuid
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import batch_v1

State = batch_v1.JobStatus.State
TaskState = batch_v1.TaskStatus.State


def test_a_job_goes_from_queued_to_succeeded_and_says_when(batch: Any) -> None:
    created = batch.create(batch.job("sleep 0.2", group={"task_count": 2}), "lifecycle")
    job = batch.finish(created)
    assert created.status.state == State.QUEUED
    assert [event.description for event in job.status.status_events] == [
        f"Job state is set from QUEUED to SCHEDULED for job {job.name}.",
        f"Job state is set from SCHEDULED to RUNNING for job {job.name}.",
        f"Job state is set from RUNNING to SUCCEEDED for job {job.name}.",
    ]
    assert {event.type_ for event in job.status.status_events} == {"STATUS_CHANGED"}
    assert dict(job.status.task_groups["group0"].counts) == {"SUCCEEDED": 2}
    assert 0.2 <= job.status.run_duration.total_seconds() < 5
    assert job.create_time < job.status.status_events[0].event_time < job.update_time


def test_a_task_starts_without_waiting_for_a_poll(batch: Any) -> None:
    jobs = [batch.finish(batch.create(batch.job("date +%s.%N"))) for _ in range(5)]
    waits = [float(batch.log(job)) - job.create_time.timestamp() for job in jobs]
    assert sorted(waits)[2] < 0.5


def test_the_job_shows_the_service_s_defaults(batch: Any) -> None:
    job = batch.create(batch_v1.Job(task_groups=[{"task_spec": {"runnables": [{"script": {"text": "true"}}]}}]))
    group = job.task_groups[0]
    assert (group.task_count, group.parallelism) == (1, 1)
    assert (group.task_spec.compute_resource.cpu_milli, group.task_spec.compute_resource.memory_mib) == (2000, 2000)
    assert group.name == f"{job.name}/taskGroups/group0"


def test_a_job_id_is_used_once(batch: Any) -> None:
    batch.create(batch.job("true"), "once")
    with pytest.raises(exceptions.AlreadyExists, match="jobs/once already exists"):
        batch.create(batch.job("true"), "once")


def test_the_same_request_id_returns_the_same_job(batch: Any) -> None:
    request_id = str(uuid.uuid4())
    first = batch.create(batch.job("true"), "asked", request_id=request_id)
    again = batch.create(batch.job("true"), "asked", request_id=request_id)
    assert again.uid == first.uid


@pytest.mark.parametrize("job_id", ["Upper", "1st", "ends-", "a" * 64, "under_score"])
def test_a_job_id_that_the_service_would_refuse_is_refused(batch: Any, job_id: str) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="must match"):
        batch.create(batch.job("true"), job_id)


def test_a_job_without_an_id_is_given_one(batch: Any) -> None:
    job = batch.client.create_job(parent="projects/local-proj/locations/us-central1", job=batch.job("true"))
    assert batch.get(job).uid == job.uid


def test_an_unknown_job_is_not_found(batch: Any) -> None:
    with pytest.raises(exceptions.NotFound, match="there is no job 'projects/p/locations/l/jobs/none'"):
        batch.client.get_job(name="projects/p/locations/l/jobs/none")


def test_jobs_are_listed_by_page_filter_and_order(batch: Any) -> None:
    parent = "projects/local-proj/locations/europe-west1"
    for number in range(5):
        job = batch.job("true" if number else "false")
        job.labels["parity"] = "odd" if number % 2 else "even"
        batch.finish(batch.create(job, f"listed-{number}", parent=parent))

    def listed(**request: Any) -> list[str]:
        found = batch.client.list_jobs(request={"parent": parent, **request})
        return [job.name[-1] for job in found]

    assert listed() == ["4", "3", "2", "1", "0"]
    assert listed(page_size=2, order_by="name") == ["0", "1", "2", "3", "4"]
    assert listed(filter='labels.parity="odd"', order_by="create_time") == ["1", "3"]
    assert listed(filter='status.state="FAILED" AND labels.parity="even"') == ["0"]
    assert len(batch.client.list_jobs(request={"parent": parent, "page_size": 2}).jobs) == 2
    with pytest.raises(exceptions.MethodNotImplemented, match="'create_time'"):
        listed(filter='create_time="now"')
    with pytest.raises(exceptions.InvalidArgument, match="order_by 'uid'"):
        listed(order_by="uid")


def test_a_deleted_job_is_stopped_and_its_name_is_free(batch: Any, eventually: Any) -> None:
    job = batch.create(batch.job("trap 'echo stopped; exit' TERM; echo on; while :; do sleep 0.05; done"), "deleted")
    eventually(lambda: "on" in batch.log(job))
    batch.client.delete_job(name=job.name).result(timeout=10)
    assert "stopped" in batch.log(job)
    with pytest.raises(exceptions.NotFound):
        batch.get(job)
    assert batch.create(batch.job("true"), "deleted").uid != job.uid


def test_a_cancelled_job_stops_its_tasks_and_stays(batch: Any, eventually: Any) -> None:
    job = batch.create(batch.job("echo on; exec sleep 60", group={"task_count": 3, "parallelism": 1}), "cancelled")
    eventually(lambda: "on" in batch.log(job))
    batch.client.cancel_job(name=job.name).result(timeout=10)
    job = batch.get(job)
    assert job.status.state == State.CANCELLED
    assert [event.description.split(" for ")[0] for event in job.status.status_events][-2:] == [
        "Job state is set from RUNNING to CANCELLATION_IN_PROGRESS",
        "Job state is set from CANCELLATION_IN_PROGRESS to CANCELLED",
    ]
    assert dict(job.status.task_groups["group0"].counts) == {"FAILED": 1, "UNEXECUTED": 2}
    with pytest.raises(exceptions.FailedPrecondition, match="is CANCELLED"):
        batch.client.cancel_job(name=job.name)


def test_tasks_are_read_by_name_and_by_state(batch: Any) -> None:
    job = batch.finish(batch.create(batch.job("true", group={"task_count": 3}), "tasks"))
    group = f"{job.name}/taskGroups/group0"
    states = [event.task_state for event in batch.task(job, 2).status.status_events]
    assert states == [TaskState.ASSIGNED, TaskState.RUNNING, TaskState.SUCCEEDED]
    assert [task.name for task in batch.client.list_tasks(parent=group)] == [f"{group}/tasks/{n}" for n in range(3)]
    assert not list(batch.client.list_tasks(request={"parent": group, "filter": "State=FAILED"}))
    with pytest.raises(exceptions.NotFound):
        batch.task(job, 3)


def test_jobs_survive_a_restart_of_the_server(new_batch: Any) -> None:
    batch = new_batch()
    job = batch.finish(batch.create(batch.job("true")))
    batch.end()
    batch.start()
    assert batch.get(job) == job


def test_jobs_wait_scheduled_while_the_cores_are_taken(new_batch: Any, eventually: Any) -> None:
    batch = new_batch("--cpus", "1")
    wide = {"compute_resource": {"cpu_milli": 16000}}
    first = batch.create(batch.job("echo on; sleep 0.6", spec=wide))
    eventually(lambda: "on" in batch.log(first))
    low = batch.create(batch.job("date +%s.%N", spec=wide))
    job = batch.job("date +%s.%N", spec=wide)
    job.priority = 50
    high = batch.create(job)
    eventually(lambda: batch.get(high).status.state == State.SCHEDULED)
    assert batch.get(low).status.state == State.SCHEDULED
    assert batch.get(first).status.state == State.RUNNING
    assert {batch.finish(job).status.state for job in (first, low, high)} == {State.SUCCEEDED}
    assert float(batch.log(high)) < float(batch.log(low))
