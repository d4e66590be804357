"""Batch: a job is created once, keeps its labels and runs to its end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.cloud import batch_v1
from google.cloud.batch_v1.services.batch_service.transports import BatchServiceGrpcTransport

from headrace.adapters.batch import NOTICES, Batch
from headrace.adapters.subscriber import subscriber
from headrace.bus.envelope import unseal_attributes
from headrace.bus.triggers import JobEnded
from headrace.errors import NotFound, Unavailable
from headrace.ports import JobSpec
from headrace.settings import Settings
from tests.fakes import together

from .conftest import PROJECT, REGION, JobsUnderTest
from .servers import eventually

LABELS = {"workload": "loan_default", "candidate": "xgboost", "dataset": "9f2c41d8a7b35e60"}


def spec(job: str) -> JobSpec:
    return JobSpec(job, ["--job", job], LABELS, cpus=0.5, memory_mib=256, max_minutes=5)


def test_a_submitted_job_is_there_with_its_labels_and_the_time_it_was_created(
    jobs: JobsUnderTest, job_name: str
) -> None:
    assert jobs.port.submit(spec(job_name))
    job = jobs.port.get(job_name)
    assert (job.id, dict(job.labels)) == (job_name, LABELS)
    assert job.state in ("QUEUED", "SCHEDULED", "RUNNING", "SUCCEEDED")
    assert abs(datetime.now(UTC) - job.created) < timedelta(minutes=1)


def test_a_job_that_is_submitted_again_is_not_created_again(jobs: JobsUnderTest, job_name: str) -> None:
    assert [jobs.port.submit(spec(job_name)) for _ in range(3)] == [True, False, False]
    assert [job.id for job in jobs.port.list()].count(job_name) == 1


def test_of_many_that_submit_the_same_job_at_once_one_creates_it(jobs: JobsUnderTest, job_name: str) -> None:
    assert sorted(map(str, together(5, lambda: jobs.port.submit(spec(job_name))))) == ["False"] * 4 + ["True"]


def test_a_job_that_ran_to_its_end_says_so_in_batchs_own_word(jobs: JobsUnderTest, job_name: str) -> None:
    jobs.port.submit(spec(job_name))
    jobs.finish(job_name)
    assert jobs.port.get(job_name).state == "SUCCEEDED"
    assert jobs.port.get(job_name) in jobs.port.list()


def test_a_job_that_is_over_tells_how_long_it_ran(jobs: JobsUnderTest, job_name: str) -> None:
    jobs.port.submit(spec(job_name))
    jobs.finish(job_name)
    job = jobs.port.get(job_name)
    assert timedelta(0) < job.ran < datetime.now(UTC) - job.created


def test_a_finished_job_is_not_created_again(jobs: JobsUnderTest, job_name: str) -> None:
    jobs.port.submit(spec(job_name))
    jobs.finish(job_name)
    assert not jobs.port.submit(spec(job_name))


def test_a_job_that_was_never_submitted_is_not_found(jobs: JobsUnderTest, job_name: str) -> None:
    with pytest.raises(NotFound, match=f"there is no job {job_name}"):
        jobs.port.get(job_name)


def as_google_has_it(address: str, job: str) -> batch_v1.Job:
    with grpc.insecure_channel(address) as channel:
        client = batch_v1.BatchServiceClient(transport=BatchServiceGrpcTransport(channel=channel))
        return client.get_job(name=f"projects/{PROJECT}/locations/{REGION}/jobs/{job}")


def test_a_job_runs_as_the_account_of_trainings_and_nodes_that_meet_in_their_own_network(
    batch: Batch, batch_address: str, job_name: str
) -> None:
    account = f"headrace-training@{PROJECT}.iam.gserviceaccount.com"
    batch.submit(spec(job_name))
    alone = as_google_has_it(batch_address, job_name).allocation_policy
    assert (alone.service_account.email, list(alone.network.network_interfaces)) == (account, [])
    batch.submit(replace(spec(f"{job_name}-two"), nodes=2))
    together = as_google_has_it(batch_address, f"{job_name}-two").allocation_policy
    (interface,) = together.network.network_interfaces
    assert interface.subnetwork == f"projects/{PROJECT}/regions/{REGION}/subnetworks/headrace"
    assert interface.no_external_ip_address
    ours = (job_name, f"{job_name}-two")
    eventually(lambda: {batch.get(job).state for job in ours} == {"SUCCEEDED"})  # and notify nobody later


def test_a_setting_that_is_a_secrets_name_goes_on_as_a_secret(batch_address: str, job_name: str) -> None:
    studies = f"projects/{PROJECT}/secrets/headrace-studies-url/versions/latest"
    where = Settings(
        project=PROJECT, region=REGION, trainer_image="trainer", batch_endpoint=batch_address, studies_url=studies
    )
    with pytest.raises(Unavailable, match=r"environment\.secret_variables"):  # which a laptop has nobody to ask for
        Batch(where).submit(spec(job_name))


@pytest.mark.parametrize(("option", "state"), [("--fail", "FAILED"), ("--succeed", "SUCCEEDED")])
def test_batchs_own_notice_of_a_jobs_end_opens_as_the_trigger_that_names_the_job(
    option: str, state: str, batch: Batch, pubsub_address: str, job_name: str
) -> None:
    client = subscriber(pubsub_address)
    name = f"projects/{PROJECT}/subscriptions/notices-of-{job_name}"
    client.create_subscription(name=name, topic=f"projects/{PROJECT}/topics/{NOTICES}")
    try:
        batch.submit(replace(spec(job_name), command=[option]))
        (notice,) = client.pull(subscription=name, max_messages=1, timeout=30).received_messages
        received = unseal_attributes(dict(notice.message.attributes), notice.message.data)
        assert received.fact == JobEnded(job=job_name, state=state)
        assert batch.get(job_name).state == state
    finally:
        client.delete_subscription(subscription=name)
        client.transport.close()


@pytest.mark.parametrize(("option", "cut_short"), [("--fail", False), ("--again", True)])
def test_a_job_that_asked_for_another_try_too_often_was_cut_short_and_one_that_failed_was_not(
    option: str, cut_short: bool, batch: Batch, job_name: str
) -> None:
    batch.submit(replace(spec(job_name), command=[option], retries=1))
    eventually(lambda: batch.get(job_name).state == "FAILED")
    assert batch.was_cut_short(job_name) is cut_short


def test_a_job_that_was_never_submitted_was_not_cut_short_but_is_not_found(batch: Batch, job_name: str) -> None:
    with pytest.raises(NotFound):
        batch.was_cut_short(job_name)


def test_nodes_that_train_together_are_tasks_that_start_and_leave_together(batch: Batch, job_name: str) -> None:
    batch.submit(replace(spec(job_name), nodes=2))
    eventually(lambda: batch.get(job_name).state == "SUCCEEDED")


def test_a_node_that_asks_for_another_try_does_not_get_it_without_its_peers(batch: Batch, job_name: str) -> None:
    batch.submit(replace(spec(job_name), command=["--again"], nodes=2))
    eventually(lambda: batch.get(job_name).state == "FAILED")
    assert batch.was_cut_short(job_name)


def test_workers_side_by_side_are_tried_again_unless_they_fail_themselves(batch: Batch, job_name: str) -> None:
    batch.submit(replace(spec(job_name), workers=2))
    eventually(lambda: batch.get(job_name).state == "SUCCEEDED")
    batch.submit(replace(spec(f"{job_name}-b"), command=["--fail"], workers=2))
    eventually(lambda: batch.get(f"{job_name}-b").state == "FAILED")
    assert not batch.was_cut_short(f"{job_name}-b")


def test_a_job_says_since_when_it_is_what_it_is_what_its_log_is_kept_under_and_whether_it_may_be_taken_away(
    jobs: JobsUnderTest, job_name: str
) -> None:
    jobs.port.submit(spec(job_name))
    jobs.port.submit(replace(spec(f"{job_name}-b"), spot=False))
    jobs.finish(job_name)
    job, other = jobs.port.get(job_name), jobs.port.get(f"{job_name}-b")
    assert (job.spot, other.spot) == (True, False)
    assert job.since is not None
    assert job.created <= job.since <= datetime.now(UTC) + timedelta(seconds=1)
    assert job.uid
    assert job.uid != other.uid
