"""A reason to train in; one Batch job a candidate, or the news that one failed, out. A spent budget ends all that."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any

import functions_framework

from headrace import catalogue
from headrace.bus.runtime import Handlers, receive
from headrace.bus.triggers import BudgetReported, JobEnded
from headrace.errors import NotFound
from headrace.events import DatasetReady, DriftDetected, Event, RetrainRequested, TrainingFailed
from headrace.ports import Platform
from headrace.training import failures, pausing
from headrace.training.jobs import Training, training_job
from headrace.wiring import on_gcp

log = logging.getLogger("headrace.trainer")


def train(event: DatasetReady | DriftDetected | RetrainRequested, platform: Platform) -> Iterable[Event]:
    """Submit one job a candidate, which announces its own result. A repeat of the event submits nothing."""
    description = catalogue.describe(event.workload)
    request, candidates = "", description.trained_on_arrival
    if isinstance(event, RetrainRequested):
        request, candidates = event.request, event.candidates or candidates
    description.check(candidates)
    if pausing.put_aside(platform, event):
        log.warning("training is paused; %s %s waits", event.wire, event.subject)
        return ()
    for candidate in candidates:
        spec = training_job(description, Training.of(event.workload, event.dataset, candidate, request))
        created = platform.jobs.submit(spec)
        log.info("%s job %s", "submitted" if created else "there is already", spec.id)
    return ()


def job_ended(event: JobEnded, platform: Platform) -> Iterator[TrainingFailed]:
    """Say so when a job ended without a model and without a word of its own."""
    try:
        job = platform.jobs.get(event.job)
    except NotFound:
        return  # deleted since; there is nothing left to tell
    if job.state in failures.FINAL:
        yield from failures.settle(platform, job)


def budget_reported(event: BudgetReported, platform: Platform) -> Iterable[Event]:
    """Begin no training any more when the month's budget is spent."""
    pause = pausing.heed(platform, event)
    if pause:
        log.warning("%s", pause)
    return ()


HANDLERS: Handlers = {
    DatasetReady: train,
    DriftDetected: train,
    RetrainRequested: train,
    JobEnded: job_ended,
    BudgetReported: budget_reported,
}


@functions_framework.cloud_event
def main(cloud_event: Any) -> None:
    """Cloud Run's entry point."""
    receive(cloud_event, HANDLERS, on_gcp("mlflow_url", "trainer_image"))
