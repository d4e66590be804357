"""Training jobs on Cloud Batch: one container a task, retried when a spot machine is taken away."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import grpc
from google.api_core import exceptions
from google.cloud import batch_v1 as batch
from google.cloud.batch_v1.services.batch_service.transports import BatchServiceGrpcTransport

from headrace.errors import NotFound, Unavailable
from headrace.ports import Job, JobSpec
from headrace.settings import HOSTS_FILE, Settings
from headrace.training.jobs import AGAIN

NOTICES = "training-jobs"
VM_LOST = [50001, 50002, 50003, 50004, 50006]  # preempted, silent, rebooted, unresponsive, recreated
FAILED = 1  # what a task ends with when it is at fault itself
GPU_DISK_GIB = 100  # drivers, CUDA and the image do not fit on Batch's default disk
ACCOUNT, NETWORK = "headrace-training", "headrace"  # as infra/ names them
CHANGED = "STATUS_CHANGED"  # the type of the event of a job that it came into another state
SECRET = re.compile(r"projects/[^/]+/secrets/[^/]+/versions/[^/]+")
_SPOT = batch.AllocationPolicy.ProvisioningModel.SPOT


class Batch:
    """Jobs of one project and region. With `patience` an answer is waited for so many seconds, and asked for once."""

    def __init__(self, where: Settings, patience: float = 0.0) -> None:
        self._where = where
        self._waiting: Any = {"timeout": patience, "retry": None} if patience else {}
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
            return _seen(self._client.get_job(name=f"{self._parent}/jobs/{job}", **self._waiting))

    def list(self) -> Sequence[Job]:
        """Every job that has not been deleted."""
        with _translated("the list of jobs"):
            return [_seen(job) for job in self._client.list_jobs(parent=self._parent, **self._waiting)]

    def was_cut_short(self, job: str) -> bool:
        """Whether a failed job's tasks were ended by a lost machine or an outage, not by themselves."""
        with _translated(job):
            tasks = list(
                self._client.list_tasks(parent=f"{self._parent}/jobs/{job}/taskGroups/group0", **self._waiting)
            )
        failed = [task for task in tasks if task.status.state == batch.TaskStatus.State.FAILED]
        codes = {event.task_execution.exit_code for task in failed for event in task.status.status_events[-1:]}
        return bool(codes & {*VM_LOST, AGAIN})


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
    return batch.Job(
        task_groups=[_tasks(spec, where)],
        allocation_policy=_allocation(spec, where),
        labels=dict(spec.labels),
        logs_policy=batch.LogsPolicy(destination=batch.LogsPolicy.Destination.CLOUD_LOGGING),
        notifications=[_notify_of(state, where) for state in ("FAILED", "SUCCEEDED")],
    )


def _tasks(spec: JobSpec, where: Settings) -> batch.TaskGroup:
    task = batch.TaskSpec(
        runnables=_together(spec, where) if spec.nodes > 1 else [_container(spec, where)],
        compute_resource=batch.ComputeResource(cpu_milli=int(spec.cpus * 1000), memory_mib=spec.memory_mib),
        max_run_duration=timedelta(minutes=spec.max_minutes),
        max_retry_count=0 if spec.nodes > 1 else spec.retries,
        lifecycle_policies=[_what_is_retried(spec)],
    )
    if spec.nodes == 1:
        return batch.TaskGroup(task_spec=task, task_count=spec.workers, parallelism=spec.workers)
    return batch.TaskGroup(
        task_spec=task,
        task_count=spec.nodes,
        task_count_per_node=1,
        parallelism=spec.nodes,
        require_hosts_file=True,
    )


def _together(spec: JobSpec, where: Settings) -> list[batch.Runnable]:
    """Nodes start when all are there, reach one another by the machine's own network, and leave together."""
    container = _container(spec, where)
    container.container.options = "--network host"
    container.container.volumes = [f"{HOSTS_FILE}:{HOSTS_FILE}:ro"]
    start, end = (batch.Runnable(barrier=batch.Runnable.Barrier(name=name)) for name in ("start", "end"))
    return [start, container, end]


def _container(spec: JobSpec, where: Settings) -> batch.Runnable:
    return batch.Runnable(
        container=batch.Runnable.Container(image_uri=where.trainer_image, commands=list(spec.command)),
        environment=_environment(where),
    )


def _environment(where: Settings) -> batch.Environment:
    """A setting that is the name of a secret goes on as one, and only the job's machine sees its value."""
    found = where.environment()
    secrets = {key: value for key, value in found.items() if SECRET.fullmatch(value)}
    return batch.Environment(
        variables={key: value for key, value in found.items() if key not in secrets}, secret_variables=secrets
    )


def _what_is_retried(spec: JobSpec) -> batch.LifecyclePolicy:
    """One training starts again when it was cut short; a worker beside others whenever it is not at fault itself."""
    actions = batch.LifecyclePolicy.Action
    action, codes = (actions.FAIL_TASK, [FAILED]) if spec.workers > 1 else (actions.RETRY_TASK, [*VM_LOST, AGAIN])
    return batch.LifecyclePolicy(
        action=action, action_condition=batch.LifecyclePolicy.ActionCondition(exit_codes=codes)
    )


def _allocation(spec: JobSpec, where: Settings) -> batch.AllocationPolicy:
    models = batch.AllocationPolicy.ProvisioningModel
    policy = batch.AllocationPolicy.InstancePolicy(provisioning_model=models.SPOT if spec.spot else models.STANDARD)
    if spec.gpu:
        policy.accelerators = [batch.AllocationPolicy.Accelerator(type_=spec.gpu, count=spec.gpus)]
        policy.boot_disk = batch.AllocationPolicy.Disk(size_gb=GPU_DISK_GIB)
    if spec.nodes > 1:
        policy.boot_disk.image = "batch-debian"  # Container-Optimized OS would close the ports between nodes
    template = batch.AllocationPolicy.InstancePolicyOrTemplate(policy=policy, install_gpu_drivers=bool(spec.gpu))
    return batch.AllocationPolicy(
        instances=[template],
        service_account=batch.ServiceAccount(email=f"{ACCOUNT}@{where.project}.iam.gserviceaccount.com"),
        network=_network(where) if spec.nodes > 1 or SECRET.fullmatch(where.studies_url) else None,
    )


def _network(where: Settings) -> batch.AllocationPolicy.NetworkPolicy:
    """Our own, where nodes may talk to each other, and the database of studies has its private address."""
    interface = batch.AllocationPolicy.NetworkInterface(
        network=f"projects/{where.project}/global/networks/{NETWORK}",
        subnetwork=f"projects/{where.project}/regions/{where.region}/subnetworks/{NETWORK}",
        no_external_ip_address=True,
    )
    return batch.AllocationPolicy.NetworkPolicy(network_interfaces=[interface])


def _notify_of(state: str, where: Settings) -> batch.JobNotification:
    message = batch.JobNotification.Message(
        type_=batch.JobNotification.Type.JOB_STATE_CHANGED, new_job_state=batch.JobStatus.State[state]
    )
    return batch.JobNotification(pubsub_topic=f"projects/{where.project}/topics/{NOTICES}", message=message)


def _seen(job: batch.Job) -> Job:
    changes = [event.event_time for event in job.status.status_events if event.type_ == CHANGED]
    return Job(
        id=job.name.rsplit("/", 1)[-1],
        state=job.status.state.name,
        labels=dict(job.labels),
        created=job.create_time,
        since=max(changes, default=job.create_time),
        uid=job.uid,
        spot=any(each.policy.provisioning_model == _SPOT for each in job.allocation_policy.instances),
        ran=job.status.run_duration or timedelta(0),
    )
