"""A model version, or a dataset version with all that was trained on it, in; how it came about, step by step, out."""

from collections.abc import Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from headrace.data import datasets
from headrace.data.datasets import File
from headrace.errors import NotFound
from headrace.events import (
    ApprovalRequested,
    ChallengerNamed,
    DatasetReady,
    DriftDetected,
    Event,
    ModelPromoted,
    ModelRegistered,
    ModelRejected,
    RetrainRequested,
    TrainingFailed,
)
from headrace.ports import Platform, Version
from headrace.promotion import promotions
from headrace.records import audit
from headrace.records.audit import AT_ONCE, Read, Recorded
from headrace.records.wording import Words, words

Kind = Literal[
    "uploaded", "ready", "asked", "submitted", "began", "registered", "failed", "judged", "promoted", "served"
]
_KINDS: dict[type[Event], Kind] = {
    DatasetReady: "ready",
    DriftDetected: "ready",
    RetrainRequested: "asked",
    TrainingFailed: "failed",
    ModelRegistered: "registered",
    ModelRejected: "judged",
    ApprovalRequested: "judged",
    ChallengerNamed: "judged",
    ModelPromoted: "promoted",
}
_ABOUT_DATA = (DatasetReady, DriftDetected, RetrainRequested, TrainingFailed)
_ABOUT_A_MODEL = (ModelRegistered, ModelRejected, ApprovalRequested, ChallengerNamed, ModelPromoted)

FILES = 3
"""So many files of a dataset version are told one by one."""

FOLLOWED = timedelta(days=2)
"""For so long after the upload, or after a promotion, the audit trail is read for what came of it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, told by `source`. `uri` is the object it is about, if it is about one."""

    at: datetime
    kind: Kind
    words: Words
    source: str = ""
    candidate: str = ""
    version: int | None = None
    uri: str = ""


def of_version(platform: Platform, version: Version) -> list[Step]:
    """From the upload of what it was trained on to the first request it answered."""
    dataset = version.tags.get("headrace.dataset", "")
    steps = _uploads(platform, version.workload, dataset) if dataset else []
    since = min([version.created, *(step.at for step in steps)])
    facts = audit.told(platform.audit, version.workload, since)
    about = [each for each in facts if _is_about(each.fact, dataset, {version.number}, version.tags.get(_CANDIDATE))]
    steps += _told(platform, about, dataset)
    with suppress(NotFound):
        job = platform.jobs.get(version.tags.get(_JOB, ""))
        steps.append(_submitted(job.created, job.id, version.tags.get(_CANDIDATE, "")))
    steps += _trained(platform, version)
    steps += _became_champion(platform, version.workload, {version.number})
    return sorted([*steps, *_served(platform, version, None)], key=_when)


def of_dataset(platform: Platform, workload: str, dataset: str, read: Read = audit.read) -> list[Step]:
    """From the upload to the champions that came of it, with every candidate that was trained on it.

    Raises Rejected when there is no such dataset version.
    """
    steps = _uploads(platform, workload, dataset)
    ready = platform.store.stat(datasets.manifest_name(workload, dataset)).updated
    versions = [each for each in platform.registry.versions(workload) if each.tags.get(_DATASET) == dataset]
    since = min([ready, *(step.at for step in steps)])
    until = max([ready, *(version.created for version in versions)]) + FOLLOWED
    facts = [each for each in audit.happened(platform.audit, since, until, read=read) if each.fact.workload == workload]
    about = [each for each in facts if _is_about(each.fact, dataset, {version.number for version in versions})]
    steps += _told(platform, about, dataset)
    steps += _jobs(platform, workload, dataset, {version.tags.get(_JOB, "") for version in versions})
    with ThreadPoolExecutor(AT_ONCE) as threads:
        trained = list(threads.map(lambda version: list(_trained(platform, version)), versions))
    steps += [step for each in trained for step in each]
    champions = list(_became_champion(platform, workload, {version.number for version in versions}))
    promoted = {step.version: step.at for step in champions}
    served = [_served(platform, each, promoted[each.number] + FOLLOWED) for each in versions if each.number in promoted]
    return sorted([*steps, *champions, *(step for each in served for step in each)], key=_when)


_DATASET, _CANDIDATE, _JOB = "headrace.dataset", "headrace.candidate", "headrace.job"


def _when(step: Step) -> datetime:
    return step.at


def _uploads(platform: Platform, workload: str, dataset: str) -> list[Step]:
    """Each file, or where there are many, all of them at the time of the earlier of the first and the last."""
    files = datasets.load(platform.store, workload, dataset).files
    if len(files) <= FILES:
        return [step for file in files for step in _written(platform, file, f"({file.size:,} bytes)")]
    size = sum(file.size for file in files)
    more = f"and {len(files) - 1:,} more files ({size:,} bytes)"
    found = [step for file in (files[0], files[-1]) for step in _written(platform, file, more)]
    return sorted(found, key=_when)[:1]


def _written(platform: Platform, file: File, more: str) -> Iterator[Step]:
    bucket = platform.data if file.bucket == platform.data.bucket else platform.store
    with suppress(NotFound):  # deleted since
        stat, uri = bucket.stat(file.object), bucket.uri(file.object)
        yield Step(stat.updated, "uploaded", Words("", f"{uri} written {more}"), uri=uri)


def _is_about(fact: Event, dataset: str, versions: set[int], candidate: str | None = None) -> bool:
    """Whether a fact is told of the dataset version or of one of the model versions that were made of it."""
    if isinstance(fact, TrainingFailed) and candidate not in (None, fact.candidate):
        return False
    if isinstance(fact, _ABOUT_DATA):
        return fact.dataset == dataset
    return isinstance(fact, _ABOUT_A_MODEL) and fact.version in versions


def _told(platform: Platform, facts: Sequence[Recorded], dataset: str) -> Iterator[Step]:
    for each in facts:
        step = partial(Step, each.at, _KINDS[type(each.fact)], words(each.fact), each.component)
        match each.fact:
            case DatasetReady():
                manifest = platform.store.uri(datasets.manifest_name(each.fact.workload, dataset))
                yield step(uri=manifest)
            case DriftDetected():
                yield step(uri=each.fact.report or "")
            case TrainingFailed():
                yield step(candidate=each.fact.candidate)
            case ModelRegistered() | ModelRejected() | ApprovalRequested() | ChallengerNamed() | ModelPromoted():
                yield step(version=each.fact.version)
            case _:
                yield step()


def _jobs(platform: Platform, workload: str, dataset: str, done: Container[str]) -> Iterator[Step]:
    """What Batch knows of its trainings; of those that are `done` the registry knows better when they began."""
    for job in platform.jobs.list():
        if job.labels.get("workload") == workload and job.labels.get("dataset") == dataset:
            candidate = job.labels.get("candidate", "")
            yield _submitted(job.created, job.id, candidate)
            if job.state == "RUNNING" and job.since and job.labels.get("training") not in done:
                yield _began(job.since, candidate)


def _submitted(at: datetime, job: str, candidate: str) -> Step:
    return Step(at, "submitted", Words("", f"job {job} submitted for {candidate}"), candidate=candidate)


def _began(at: datetime, candidate: str) -> Step:
    return Step(at, "began", Words("", f"training of {candidate} began"), candidate=candidate)


def _trained(platform: Platform, version: Version) -> Iterator[Step]:
    """From its job to its entry in the registry, as the registry tells it."""
    candidate = version.tags.get(_CANDIDATE, "")
    with suppress(NotFound):
        yield replace(_began(platform.registry.training(version).started, candidate), version=version.number)
    made = Words("", f"registered as version {version.number} from run {version.run_id}")
    yield Step(version.created, "registered", made, candidate=candidate, version=version.number)


def _became_champion(platform: Platform, workload: str, versions: set[int]) -> Iterator[Step]:
    for change in promotions.history(platform.store, workload):
        if change.version in versions:
            said = Words("", f"change {change.change} of champion by {change.actor}")
            yield Step(change.at, "promoted", said, version=change.version)


def _served(platform: Platform, version: Version, until: datetime | None) -> Iterator[Step]:
    if served := audit.first_served(platform.audit, version, until):
        yield Step(served, "served", Words("", "answered its first request"), version=version.number)
