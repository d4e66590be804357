"""A finished training job in; its next attempt, or TrainingFailed, told once, out."""

import json
from collections.abc import Iterator

from headrace import catalogue
from headrace.errors import NotFound
from headrace.events import TrainingFailed
from headrace.ports import Job, Objects, Platform
from headrace.training import pausing
from headrace.training.jobs import Training, training_job

FINAL = {"SUCCEEDED", "FAILED", "CANCELLED"}


def record(store: Objects, training: str, outcome: str, detail: str) -> None:
    """A training's own last word: it registered a version, rejected its data, or failed for a reason."""
    store.write(_outcome(training), json.dumps({"outcome": outcome, "detail": detail}).encode())


def outcome(store: Objects, training: str) -> dict[str, str] | None:
    """The training's last word, if it had one."""
    try:
        return dict(json.loads(store.read(_outcome(training))))
    except NotFound:
        return None


def settle(platform: Platform, job: Job) -> Iterator[TrainingFailed]:
    """Start a training that was cut short again, else say that it failed: neither when it ended well, nor twice."""
    training = Training.read(job.labels)
    if training is None:
        return
    word = outcome(platform.store, training.id)
    if word is None and _goes_on(platform, job, training):
        return
    if (word and word["outcome"] != "failed") or was_told(platform.store, training.id):
        return
    silent = f"the job ended as {job.state} without a word; its log says more"
    yield TrainingFailed(
        workload=training.workload,
        job=training.id,
        candidate=training.candidate,
        dataset=training.dataset,
        reason=word["detail"] if word else silent,
    )
    platform.store.write(f"jobs/{training.id}/told", b"")


def _goes_on(platform: Platform, job: Job, training: Training) -> bool:
    """Whether there is a next attempt, after seeing to it. Nodes that lost a peer were cut short whatever they say."""
    description = catalogue.describe(training.workload)
    resources = description.resources_of(training.candidate)
    following = training.next(resources)
    if following is None or job.state != "FAILED":
        return False
    if resources.nodes == 1 and not platform.jobs.was_cut_short(job.id):
        return False
    if not pausing.current(platform.store):  # or the reconciler sees to it when the pause is over
        platform.jobs.submit(training_job(description, following))
    return True


def _outcome(training: str) -> str:
    return f"jobs/{training}/outcome.json"


def was_told(store: Objects, training: str) -> bool:
    """Whether TrainingFailed went out for this training."""
    try:
        store.stat(f"jobs/{training}/told")
    except NotFound:
        return False
    return True
