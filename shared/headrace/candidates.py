"""A dataset version in; how far each of its candidates has come, from job to verdict, out."""

import json
from dataclasses import dataclass

from headrace import catalogue, failures
from headrace.errors import NotFound
from headrace.jobs import job_id
from headrace.ports import Objects, Platform
from headrace.promotions import VERDICT


@dataclass(frozen=True, slots=True)
class Progress:
    """One candidate: the share of its training done, and in words what it is at."""

    candidate: str
    job: str
    share: float
    words: str
    settled: bool = False

    def __str__(self) -> str:
        return f"{self.candidate} {self.share:.0%} {self.words}"


def of(platform: Platform, workload: str, dataset: str) -> list[Progress]:
    """Every candidate of the workload, in the order of its description."""
    return [_one(platform, workload, dataset, name) for name in catalogue.describe(workload).candidates]


def _one(platform: Platform, workload: str, dataset: str, candidate: str) -> Progress:
    job = job_id(workload, dataset, candidate)
    last = failures.outcome(platform.store, job)
    if last is None:
        if failures.was_told(platform.store, job):
            return Progress(candidate, job, 1.0, "failed without a word", settled=True)
        return Progress(candidate, job, *_reported(platform.store, job))
    if last["outcome"] != "registered":
        return Progress(candidate, job, 1.0, f"{last['outcome']}: {last['detail']}", settled=True)
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
