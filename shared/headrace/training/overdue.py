"""Training jobs in; a line in the log for each that should have been over by now out.

Batch ends a task that runs longer than its bound, but no job that waits for a machine or starts its task again; there
is no metric of either. The line is what Cloud Logging counts and an alert looks at.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from headrace import catalogue, loading
from headrace.ports import Job
from headrace.training.failures import FINAL
from headrace.training.jobs import Training, training_job

log = logging.getLogger("headrace.overdue")

WAIT = timedelta(hours=1)
"""How long a job may wait for a machine, its image and its data beyond the time its training is given."""


def warn(jobs: Iterable[Job], now: datetime) -> None:
    """Say which jobs are not over though their time is."""
    for job in jobs:
        training = Training.read(job.labels)
        if job.state in FINAL or training is None or training.workload not in loading.names():
            continue
        bound = timedelta(minutes=training_job(catalogue.describe(training.workload), training).max_minutes)
        if now - job.created > bound + WAIT:
            age = round((now - job.created) / timedelta(minutes=1))
            log.warning(
                "job %s is %s %d minutes after it was submitted; its training was to take %d at most",
                *(job.id, job.state, age, bound / timedelta(minutes=1)),
                extra={"overdue": job.id, "workload": training.workload},
            )
