"""A workload, a dataset version and a candidate in; the one training that they name, as a Batch job, out."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import ceil

from headrace import tracing
from headrace.catalogue import Description, Resources
from headrace.ports import JobSpec

AGAIN = 75
"""The exit code (EX_TEMPFAIL) of a task that an outage cut short; Batch starts it again."""
RETRIES = 5
STANDARD_ATTEMPTS = 2
"""How often nodes that train together begin anew on machines that nobody takes away."""


@dataclass(frozen=True, slots=True)
class Training:
    """One training. Its id is that of its first job; it may take several `attempt`s, each a job of its own."""

    id: str
    workload: str
    dataset: str
    candidate: str
    attempt: int = 1

    @classmethod
    def of(cls, workload: str, dataset: str, candidate: str, request: str = "") -> "Training":
        """The first attempt."""
        return cls(job_id(workload, dataset, candidate, request), workload, dataset, candidate)

    @classmethod
    def read(cls, labels: Mapping[str, str]) -> "Training | None":
        """The attempt that a job's labels tell of; None for a job of somebody else's."""
        if "training" not in labels:
            return None
        workload, dataset, candidate = labels["workload"], labels["dataset"], labels["candidate"]
        return cls(labels["training"], workload, dataset, candidate, int(labels["attempt"]))

    @property
    def job(self) -> str:
        """The id of this attempt's job."""
        return self.id if self.attempt == 1 else f"{self.id}-{self.attempt}"

    def next(self, resources: Resources) -> "Training | None":
        """The attempt after this one was cut short, if there is to be one."""
        if self.attempt >= _spot_jobs(resources) + (STANDARD_ATTEMPTS if resources.nodes > 1 else 1):
            return None
        return Training(self.id, self.workload, self.dataset, self.candidate, self.attempt + 1)


def job_id(workload: str, dataset: str, candidate: str, request: str = "") -> str:
    """Batch's job id (at most 63 of a-z, 0-9 and -): a repeat of the same work has the same id."""
    digest = sha256(f"{workload}/{dataset}/{candidate}/{request}".encode()).hexdigest()[:12]
    return f"{workload}-{candidate}".replace("_", "-").lower()[:47].strip("-") + f"-{digest}"


def training_job(description: Description, training: Training) -> JobSpec:
    """The job of one attempt: on Spot machines at first, then on such as stay."""
    resources, search = description.resources_of(training.candidate), description.search
    spot = training.attempt <= _spot_jobs(resources)
    workers, trainings = 1, 1
    if search and training.candidate == search.name:
        workers, trainings = search.workers, 1 + ceil(search.trials / search.workers)
    return JobSpec(
        id=training.job,
        command=[
            *("--workload", training.workload),
            *("--dataset", training.dataset),
            *("--candidate", training.candidate),
            *("--job", training.id),
            *("--nodes", str(resources.nodes)),
            *("--devices", str(resources.gpus if resources.gpu else 1)),
            *("--traceparent", tracing.current().traceparent),
        ],
        labels={
            "training": training.id,
            "workload": training.workload,
            "candidate": training.candidate,
            "dataset": training.dataset,
            "attempt": str(training.attempt),
        },
        cpus=resources.cpus,
        memory_mib=resources.memory_mib,
        max_minutes=resources.max_minutes * trainings,
        gpu=resources.gpu,
        gpus=resources.gpus,
        spot=spot,
        nodes=resources.nodes,
        workers=workers,
        retries=resources.spot_attempts - 1 if spot else RETRIES,
    )


def _spot_jobs(resources: Resources) -> int:
    """How many jobs a training has on Spot machines: Batch starts a lost task again, but not one that has peers."""
    if not resources.spot:
        return 0
    return resources.spot_attempts if resources.nodes > 1 else 1
