"""A stored job in; the same with what is counted when it is asked for out."""

from datetime import UTC, datetime
from typing import Any

from google.cloud import batch_v1

from localcloud.batch import names
from localcloud.batch.store import Store


def with_progress(job: Any, store: Store) -> Any:
    """A copy of `job` with the number of tasks in each state, and the time it has been RUNNING."""
    states = batch_v1.TaskStatus.State
    counts = {states(state).name: count for state, count in store.counts(job.name).items()}
    shown = batch_v1.Job(job)
    shown.status.task_groups = {names.GROUP: batch_v1.JobStatus.TaskGroupStatus(counts=counts)}
    for event in shown.status.status_events:
        if f" to {batch_v1.JobStatus.State.RUNNING.name} for " in event.description:
            last = shown.status.status_events[-1].event_time
            still = shown.status.state == batch_v1.JobStatus.State.RUNNING
            shown.status.run_duration = (datetime.now(UTC) if still else last) - event.event_time
    return shown
