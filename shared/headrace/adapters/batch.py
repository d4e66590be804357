"""Training jobs on Cloud Batch: one container a job, retried when a spot machine is taken away."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import grpc
from google.api_core import exceptions
from google.cloud import batch_v1 as batch
from google.cloud.batch_v1.services.batch_service.transports import BatchServiceGrpcTransport

from headrace.errors import NotFound, Unavailable
from headrace.jobs import AGAIN
from headrace.ports import Job, JobSpec
from headrace.settings import Settings

NOTICES = "training-jobs"
VM_LOST = [50001, 50002, 50003, 50004, 50006]  # preempted, silent, rebooted, unresponsive, recreated
RETRIES = 5


class Batch:
    """Jobs of one project and region."""

    def __init__(self, where: Settings) -> None:
        self._where = where
        self._parent = f"projects/{where.project}/locations/{where.region}"
        self._client = _client(where.batch_endpoint)

    def submit(self, spec: JobSpec) -> bool:
        """True when the job was created, False when a job of that id exists already."""
        with _translated(spec.id):
            try:
                self._client.create_job(parent=self._parent, job_id=spec.id, job=_job(spec, self._where))
            except exceptions.AlreadyExists:
                return False
            return True

    def get(self, job: str) -> Job:
        """Raises NotFound."""
        with _translated(job):
            return _seen(self._client.get_job(name=f"{self._parent}/jobs/{job}"))

    def list(self) -> Sequence[Job]:
        """Every job that has not been deleted."""
        with _translated("the list of jobs"):
            return [_seen(job) for job in self._client.list_jobs(parent=self._parent)]


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except exceptions.NotFound as error:
        raise NotFound(f"there is no job {what}") from error
    except exceptions.GoogleAPIError as error:
        raise Unavailable(f"Batch failed on {what}: {error}") from error


def _client(endpoint: str) -> batch.BatchServiceClient:
    if not endpoint:
        return batch.BatchServiceClient()
    return batch.BatchServiceClient(transport=BatchServiceGrpcTransport(channel=grpc.insecure_channel(endpoint)))


def _job(spec: JobSpec, where: Settings) -> batch.Job:
    task = batch.TaskSpec(
        runnables=[_container(spec, where)],
        compute_resource=batch.ComputeResource(cpu_milli=int(spec.cpus * 1000), memory_mib=spec.memory_mib),
        max_run_duration=timedelta(minutes=spec.max_minutes),
        max_retry_count=RETRIES,
        lifecycle_policies=[_retry_what_was_cut_short()],
    )
    return batch.Job(
        task_groups=[batch.TaskGroup(task_spec=task, task_count=1)],
        allocation_policy=_allocation(spec),
        labels=dict(spec.labels),
        logs_policy=batch.LogsPolicy(destination=batch.LogsPolicy.Destination.CLOUD_LOGGING),
        notifications=[_notify_of(state, where) for state in ("FAILED", "SUCCEEDED")],
    )


def _container(spec: JobSpec, where: Settings) -> batch.Runnable:
    return batch.Runnable(
        container=batch.Runnable.Container(image_uri=where.trainer_image, commands=list(spec.command)),
        environment=batch.Environment(variables=where.environment()),
    )


def _retry_what_was_cut_short() -> batch.LifecyclePolicy:
    condition = batch.LifecyclePolicy.ActionCondition(exit_codes=[*VM_LOST, AGAIN])
    return batch.LifecyclePolicy(action=batch.LifecyclePolicy.Action.RETRY_TASK, action_condition=condition)


def _allocation(spec: JobSpec) -> batch.AllocationPolicy:
    models = batch.AllocationPolicy.ProvisioningModel
    policy = batch.AllocationPolicy.InstancePolicy(provisioning_model=models.SPOT if spec.spot else models.STANDARD)
    if spec.gpu:
        policy.accelerators = [batch.AllocationPolicy.Accelerator(type_=spec.gpu, count=1)]
    template = batch.AllocationPolicy.InstancePolicyOrTemplate(policy=policy, install_gpu_drivers=bool(spec.gpu))
    return batch.AllocationPolicy(instances=[template])


def _notify_of(state: str, where: Settings) -> batch.JobNotification:
    message = batch.JobNotification.Message(
        type_=batch.JobNotification.Type.JOB_STATE_CHANGED, new_job_state=batch.JobStatus.State[state]
    )
    return batch.JobNotification(pubsub_topic=f"projects/{where.project}/topics/{NOTICES}", message=message)


def _seen(job: batch.Job) -> Job:
    return Job(
        id=job.name.rsplit("/", 1)[-1], state=job.status.state.name, labels=dict(job.labels), created=job.create_time
    )
