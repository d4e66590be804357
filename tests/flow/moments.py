"""The moments of a turn at which a process has most to lose, each as something that can be seen from outside."""

import json
from collections.abc import Callable, Mapping

from headrace.errors import NotFound
from tests.flow.loop import CANDIDATES, WORKLOAD, Loop

Moment = Callable[[Loop, str], bool]


def uploaded(loop: Loop, dataset: str) -> bool:
    """The object is complete, and its event on the way."""
    return True


def submitting(loop: Loop, dataset: str) -> bool:
    """Some of the jobs are submitted."""
    return bool(loop.jobs(dataset))


def training(loop: Loop, dataset: str) -> bool:
    """A job has got to its training."""
    return any(_share(loop, job) >= 0.2 for job in loop.job_ids(dataset))


def registering(loop: Loop, dataset: str) -> bool:
    """A version is registered, and its webhook on the way."""
    return bool(loop.versions(dataset))


def judging(loop: Loop, dataset: str) -> bool:
    """The evaluator is at a version that has no verdict yet."""
    log = loop.log("evaluator")
    return any(f"judging version {version.number} of {WORKLOAD}" in log for version in loop.unjudged(dataset))


def judged(loop: Loop, dataset: str) -> bool:
    """A verdict is out, and what follows from it on the way."""
    return len(loop.unjudged(dataset)) < len(loop.versions(dataset))


def all_registered(loop: Loop, dataset: str) -> bool:
    """Every candidate has its version."""
    return len(loop.versions(dataset)) == len(CANDIDATES)


MOMENTS: Mapping[str, Moment] = {
    "ingest": uploaded,
    "trainer": submitting,
    "batch": training,
    "storage": training,
    "pubsub": registering,
    "mlflow": registering,
    "registry_hook": registering,
    "evaluator": judging,
    "notify": judged,
    "inference": judged,
    "reconcile": judged,
    "scheduler": submitting,
    "run": submitting,
}
"""When to kill each process."""


def _share(loop: Loop, job: str) -> float:
    try:
        return float(json.loads(loop.platform.store.read(f"jobs/{job}/progress.json"))["share"])
    except NotFound:
        return 0.0
