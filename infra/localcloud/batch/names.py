"""A resource name in; its parts, or INVALID_ARGUMENT with the pattern it should have, out."""

import re
from dataclasses import dataclass

from grpc import StatusCode

from localcloud.grpcserver import StatusError

GROUP = "group0"
_PARENT = r"projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+)"
_JOB = rf"{_PARENT}/jobs/(?P<job>[^/]+)"


@dataclass(frozen=True, slots=True)
class Parent:
    """A project and a location."""

    project: str
    location: str

    def __str__(self) -> str:
        return f"projects/{self.project}/locations/{self.location}"


def parent(name: str) -> Parent:
    """The parts of `projects/P/locations/L`."""
    found = _match(_PARENT, name, "projects/PROJECT/locations/LOCATION")
    return Parent(found["project"], found["location"])


def parent_of_job(name: str) -> Parent:
    """Where `projects/P/locations/L/jobs/J` lives."""
    found = _match(_JOB, name, "projects/PROJECT/locations/LOCATION/jobs/JOB")
    return Parent(found["project"], found["location"])


def short(job: str) -> str:
    """The last part of a job's name."""
    return job.rpartition("/")[2]


def job_of_group(name: str) -> str:
    """The job's name in `…/jobs/J/taskGroups/group0`."""
    return _match(rf"(?P<name>{_JOB})/taskGroups/{GROUP}", name, f"…/jobs/JOB/taskGroups/{GROUP}")["name"]


def job_and_index(name: str) -> tuple[str, int]:
    """The job's name and the task's index in `…/jobs/J/taskGroups/group0/tasks/N`."""
    pattern = rf"(?P<name>{_JOB})/taskGroups/{GROUP}/tasks/(?P<index>\d+)"
    found = _match(pattern, name, f"…/jobs/JOB/taskGroups/{GROUP}/tasks/INDEX")
    return found["name"], int(found["index"])


def task(job: str, index: int) -> str:
    """The name of task `index` of `job`."""
    return f"{job}/taskGroups/{GROUP}/tasks/{index}"


def _match(pattern: str, name: str, shape: str) -> re.Match[str]:
    found = re.fullmatch(pattern, name)
    if found is None:
        raise StatusError(StatusCode.INVALID_ARGUMENT, f"{name!r} is not a name like {shape}")
    return found
