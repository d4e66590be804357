"""A reason to train in; how far each candidate that is trained for it has come, from job to verdict, out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from headrace import catalogue
from headrace.errors import NotFound
from headrace.events import DatasetReady, RetrainRequested
from headrace.ports import Objects, Platform
from headrace.promotion.promotions import VERDICT
from headrace.training import failures
from headrace.training.jobs import job_id


@dataclass(frozen=True, slots=True)
class Progress:
    """One candidate: the share of its training done, and in words what it is at."""

    candidate: str
    job: str
    share: float
    words: str
    settled: bool = False
    failed: bool = False

    def __str__(self) -> str:
        return f"{self.candidate} {self.share:.0%} {self.words}"


Reason = DatasetReady | RetrainRequested


def trained_for(platform: Platform, reason: Reason) -> list[Progress]:
    """Every candidate that `reason` has trained."""
    names, request = (reason.candidates, reason.request) if isinstance(reason, RetrainRequested) else ((), "")
    return of(platform, reason.workload, reason.dataset, names, request)


def of(platform: Platform, workload: str, dataset: str, names: Sequence[str] = (), request: str = "") -> list[Progress]:
    """The candidates `names` of the workload, or all that a dataset version gets, in the order of its description."""
    names = names or catalogue.describe(workload).trained_on_arrival
    return [progress(platform, workload, name, job_id(workload, dataset, name, request)) for name in names]


def progress(platform: Platform, workload: str, candidate: str, job: str) -> Progress:
    """How far the training with the id `job` has come."""
    last = failures.outcome(platform.store, job)
    if last is None:
        if failures.was_told(platform.store, job):
            return Progress(candidate, job, 1.0, "failed without a word", settled=True, failed=True)
        return Progress(candidate, job, *_reported(platform.store, job))
    if last["outcome"] != "registered":
        return Progress(candidate, job, 1.0, f"{last['outcome']}: {last['detail']}", settled=True, failed=True)
    tags = platform.registry.version(workload, int(last["detail"])).tags
    verdict = tags.get(VERDICT)
    words = f"version {last['detail']} {verdict or 'waits for its verdict'}"
    return Progress(candidate, job, 1.0, words, settled=verdict is not None)


def _reported(store: Objects, job: str) -> tuple[float, str]:
    try:
        report = json.loads(store.read(f"jobs/{job}/progress.json"))
    except NotFound:
        return 0.0, "waits"
    return float(report["share"]), str(report["words"])
