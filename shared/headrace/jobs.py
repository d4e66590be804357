"""A workload, a dataset version and a candidate in; the one training job that they name out."""

from hashlib import sha256

from headrace import tracing
from headrace.catalogue import Description
from headrace.ports import JobSpec

AGAIN = 75
"""The exit code (EX_TEMPFAIL) of a task that an outage cut short; Batch starts it again."""


def job_id(workload: str, dataset: str, candidate: str, request: str = "") -> str:
    """Batch's job id (at most 63 of a-z, 0-9 and -): a repeat of the same work has the same id."""
    digest = sha256(f"{workload}/{dataset}/{candidate}/{request}".encode()).hexdigest()[:12]
    return f"{workload}-{candidate}".replace("_", "-").lower()[:50].strip("-") + f"-{digest}"


def training_job(description: Description, dataset: str, candidate: str, request: str = "") -> JobSpec:
    """The job that trains one candidate."""
    name, resources = description.name, description.resources
    id = job_id(name, dataset, candidate, request)
    return JobSpec(
        id=id,
        command=[
            *("--workload", name),
            *("--dataset", dataset),
            *("--candidate", candidate),
            *("--job", id),
            *("--traceparent", tracing.current().traceparent),
        ],
        labels={"workload": name, "candidate": candidate, "dataset": dataset},
        cpus=resources.cpus,
        memory_mib=resources.memory_mib,
        max_minutes=resources.max_minutes,
        gpu=resources.gpu,
        spot=resources.spot,
    )
