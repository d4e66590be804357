"""A schedule in; the facts that a lost webhook or a dead job left untold out."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import functions_framework

from headrace import catalogue, failures, promotions, tracing, trials
from headrace.events import Event, ModelRegistered, TrainingFailed
from headrace.ports import Platform
from headrace.runtime import Handlers, receive
from headrace.triggers import ScheduleDue
from headrace.wiring import on_gcp

GRACE = timedelta(seconds=30)
JOBS_OF = timedelta(days=15)  # Batch lets a job run for fourteen; older ones were told of long ago


def reconcile(_: ScheduleDue, platform: Platform) -> Iterator[Event]:
    """Hold the registry and Batch against what was told, and tell the rest."""
    for workload in platform.registry.workloads():
        if workload in catalogue.names():
            yield from _unjudged(workload, platform)
            promotions.finish(platform, workload)
            yield from promotions.observe(platform, workload)
            yield from trials.over(platform, workload, catalogue.describe(workload).serving.challenger)
    yield from _died_without_a_word(platform)


def _unjudged(workload: str, platform: Platform) -> Iterator[ModelRegistered]:
    if trials.under_way(platform.registry, workload):
        return  # the others wait for what becomes of it
    before = platform.clock.now() - GRACE
    for version in platform.registry.versions(workload):
        if promotions.VERDICT not in version.tags and version.created < before:
            with tracing.use(tracing.parse(version.tags.get(tracing.TAG)).child()):
                yield ModelRegistered(workload=workload, version=version.number)


def _died_without_a_word(platform: Platform) -> Iterator[TrainingFailed]:
    since = platform.clock.now() - JOBS_OF
    for job in platform.jobs.list():
        if job.state in failures.FINAL and job.created > since:
            yield from failures.settle(platform, job)


HANDLERS: Handlers = {ScheduleDue: reconcile}


@functions_framework.cloud_event
def main(cloud_event: Any) -> None:
    """Cloud Functions' entry point."""
    receive(cloud_event, HANDLERS, on_gcp("mlflow_url"))
