"""A schedule in; the facts that a lost webhook or a dead job left untold out."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import functions_framework

from headrace import catalogue, loading, tracing
from headrace.bus.runtime import Handlers, receive
from headrace.bus.triggers import ScheduleDue
from headrace.events import Event, ModelRegistered, TrainingFailed
from headrace.ports import Job, Platform, Version
from headrace.promotion import aliases, promotions, trials
from headrace.training import failures, overdue
from headrace.wiring import on_gcp

GRACE = timedelta(seconds=30)
JOBS_OF = timedelta(days=15)  # Batch lets a job run for fourteen; older ones were told of long ago


def reconcile(_: ScheduleDue, platform: Platform) -> Iterator[Event]:
    """Hold the registry and Batch against what was told, and tell the rest."""
    for workload in platform.registry.workloads():
        if workload in loading.names():
            versions = platform.registry.versions(workload)
            yield from _unjudged(workload, versions, platform)
            promotions.finish(platform, workload)
            yield from promotions.observe(platform, workload)
            aliases.observe(platform, workload)
            yield from trials.over(platform, versions, catalogue.describe(workload).serving.challenger)
    jobs = platform.jobs.list()
    overdue.warn(jobs, platform.clock.now())
    yield from _died_without_a_word(jobs, platform)


def _unjudged(workload: str, versions: Sequence[Version], platform: Platform) -> Iterator[ModelRegistered]:
    if trials.under_way(platform.registry, workload):
        return  # the others wait for what becomes of it
    before = platform.clock.now() - GRACE
    for version in versions:
        if promotions.VERDICT not in version.tags and version.created < before:
            with tracing.use(tracing.parse(version.tags.get(tracing.TAG)).child()):
                yield ModelRegistered(workload=workload, version=version.number)


def _died_without_a_word(jobs: Sequence[Job], platform: Platform) -> Iterator[TrainingFailed]:
    since = platform.clock.now() - JOBS_OF
    for job in jobs:
        if job.state in failures.FINAL and job.created > since:
            yield from failures.settle(platform, job)


HANDLERS: Handlers = {ScheduleDue: reconcile}


@functions_framework.cloud_event
def main(cloud_event: Any) -> None:
    """Cloud Functions' entry point."""
    receive(cloud_event, HANDLERS, on_gcp("mlflow_url"))
