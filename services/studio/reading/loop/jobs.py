"""Batch's jobs in; each training with how far it has come, its curves and the end of its log, out."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from headrace.errors import HeadraceError
from headrace.ports import Job, LogLine, Platform, Tracked
from headrace.training import candidates
from headrace.training.failures import FINAL
from headrace.training.jobs import Training

MOST = 12
CURVES = 6
LINES = 200
_RUNTIME = ("rate", "seconds", "memory", "wait", "examples", "bytes", "parity")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One job of a training, as Batch and the training itself tell it; `share` of it is done."""

    job: Job
    training: Training
    share: float
    words: str
    failed: bool

    @property
    def is_over(self) -> bool:
        """Whether Batch is done with it."""
        return self.job.state in FINAL

    @property
    def name(self) -> str:
        """What people call it."""
        again = f", attempt {self.training.attempt}" if self.training.attempt > 1 else ""
        return f"{self.training.workload} · {self.training.candidate}{again}"


@dataclass(frozen=True, slots=True)
class Curves:
    """A training's run in MLflow, with the steps and values of its curves."""

    run: Tracked
    points: Mapping[str, Sequence[tuple[int, float]]]


def attempts(platform: Platform, jobs: Sequence[Job]) -> list[Attempt]:
    """The trainings among the jobs: those that run first, then those that wait, then the newest; a dozen at most."""
    ours = [(job, training) for job in jobs if (training := Training.read(job.labels))]
    ours.sort(key=lambda each: (each[0].state in FINAL, each[0].state != "RUNNING", -each[0].created.timestamp()))
    with ThreadPoolExecutor(MOST) as threads:
        return list(threads.map(lambda each: _attempt(platform, *each), ours[:MOST]))


def curves(platform: Platform, training: Training) -> Curves | None:
    """What its run has drawn so far, if it has begun one: the curves that say how well it learns first.

    What is logged at step 0 is no curve but a score of the whole.
    """
    run = platform.registry.tracked(training.workload, training.id)
    if run is None:
        return None
    names = sorted(run.logged.metrics, key=lambda name: (_is_runtime(name), name))[: 2 * CURVES]
    with ThreadPoolExecutor(len(names) or 1) as threads:
        drawn = list(threads.map(lambda name: platform.registry.curve(run.run_id, name), names))
    points = {name: tuple(point for point in curve if point[0]) for name, curve in zip(names, drawn, strict=True)}
    seen = [name for name in names if points[name]][:CURVES]
    return Curves(run, {name: points[name] for name in seen})


def log(platform: Platform, job: Job) -> Sequence[LogLine]:
    """The end of what it wrote."""
    return platform.logs.of_job(job.uid, job.created, LINES)


def pick(found: Sequence[Attempt], wanted: str | None) -> Attempt | None:
    """The attempt whose job is wanted, or the likeliest to be looked at."""
    return next((each for each in found if each.job.id == wanted), found[0] if found else None)


def seconds_in_state(job: Job, now: datetime) -> float:
    """For how long the job has been what it is."""
    return max(0.0, (now - (job.since or job.created)).total_seconds())


def _attempt(platform: Platform, job: Job, training: Training) -> Attempt:
    try:
        told = candidates.progress(platform, training.workload, training.candidate, training.id)
    except HeadraceError as error:
        return Attempt(job, training, 0.0, f"how far it is cannot be read: {error}", job.state == "FAILED")
    return Attempt(job, training, told.share, told.words, told.failed or job.state == "FAILED")


def _is_runtime(metric: str) -> bool:
    return any(word in metric for word in _RUNTIME)
