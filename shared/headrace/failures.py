"""A finished training job in; TrainingFailed, told once, when it ended without a word of its own, out."""

import json
from collections.abc import Iterator

from headrace.errors import NotFound
from headrace.events import TrainingFailed
from headrace.ports import Job, Objects, Platform

FINAL = {"SUCCEEDED", "FAILED", "CANCELLED"}


def record(store: Objects, job: str, outcome: str, detail: str) -> None:
    """A job's own last word: it registered a version, rejected its data, or failed for a reason."""
    store.write(_outcome(job), json.dumps({"outcome": outcome, "detail": detail}).encode())


def outcome(store: Objects, job: str) -> dict[str, str] | None:
    """The job's last word, if it had one."""
    try:
        return dict(json.loads(store.read(_outcome(job))))
    except NotFound:
        return None


def tell(platform: Platform, job: Job) -> Iterator[TrainingFailed]:
    """Say that `job` failed, unless it ended well or this was told before."""
    word = outcome(platform.store, job.id)
    if "candidate" not in job.labels or (word and word["outcome"] != "failed") or was_told(platform.store, job.id):
        return
    silent = f"the job ended as {job.state} without a word; its log says more"
    yield TrainingFailed(
        workload=job.labels["workload"],
        job=job.id,
        candidate=job.labels["candidate"],
        dataset=job.labels["dataset"],
        reason=word["detail"] if word else silent,
    )
    platform.store.write(f"jobs/{job.id}/told", b"")


def _outcome(job: str) -> str:
    return f"jobs/{job}/outcome.json"


def was_told(store: Objects, job: str) -> bool:
    """Whether TrainingFailed went out for this job."""
    try:
        store.stat(f"jobs/{job}/told")
    except NotFound:
        return False
    return True
