"""Batch, Cloud Run's jobs, and what their tasks wrote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One training job: what runs, with what, for how long at most.

    Either `nodes` machines train together, or `workers` tasks work side by side. A task that was cut short is started
    again `retries` times; nodes are not, for their peers could not go on with a new one.
    """

    id: str
    command: Sequence[str]
    labels: Mapping[str, str]
    cpus: float
    memory_mib: int
    max_minutes: int
    gpu: str | None = None
    gpus: int = 1
    spot: bool = True
    nodes: int = 1
    workers: int = 1
    retries: int = 5


@dataclass(frozen=True, slots=True)
class Job:
    """A job as Batch sees it. `state` is Batch's own word: QUEUED, SCHEDULED, RUNNING, SUCCEEDED, FAILED, …

    `since` is when it came into that state, `uid` what its log is kept under, `ran` how long it was RUNNING by now.
    """

    id: str
    state: str
    labels: Mapping[str, str]
    created: datetime
    since: datetime | None = None
    uid: str = ""
    spot: bool = False
    ran: timedelta = timedelta(0)


class Jobs(Protocol):
    """Batch."""

    def submit(self, spec: JobSpec) -> bool:
        """True when the job was created, False when a job of that id exists already."""

    def get(self, job: str) -> Job:
        """Raises NotFound."""

    def list(self) -> Sequence[Job]:
        """Every job that has not been deleted."""

    def was_cut_short(self, job: str) -> bool:
        """Whether a failed job's tasks were ended by a lost machine or an outage, not by themselves."""


class Runs(Protocol):
    """The Cloud Run jobs."""

    def run(self, job: str, arguments: Sequence[str] = (), tasks: int = 1) -> None:
        """Start so many tasks of the job with these arguments, and do not wait for their end.

        Raises NotFound, or Unavailable.
        """


@dataclass(frozen=True, slots=True)
class LogLine:
    """What a job wrote: when, how grave it is in Cloud Logging's words (INFO, WARNING, ERROR, …), and the text."""

    at: datetime
    severity: str
    text: str


class Logs(Protocol):
    """Cloud Logging, as far as jobs write there. It is slow to answer and answers seldom: ask where somebody looks."""

    def of_job(self, uid: str, since: datetime, most: int = 200) -> Sequence[LogLine]:
        """The newest `most` lines that the Batch job with this uid wrote since then, oldest first.

        Raises Unavailable.
        """

    def of_run(self, job: str, since: datetime, most: int = 200) -> Sequence[LogLine]:
        """The same of all executions of a Cloud Run job."""
