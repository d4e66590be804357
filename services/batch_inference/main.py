"""A batch and a task's number in; its share of the rows scored, and BatchScored when it was the last share, out.

This is a Cloud Run job with as many tasks as the input's size asks for: `python -m services.batch_inference.main`.
Without arguments, as its schedule starts it, it starts itself for everything that waits for the schedule.
"""

import argparse
import logging
import sys
from collections.abc import Iterator

from headrace import batches, loading, settings, tracing
from headrace.bus import runtime
from headrace.errors import Exists, Rejected
from headrace.events import BatchScored, DatasetRejected
from headrace.ports import Platform
from headrace.settings import Task
from headrace.wiring import on_gcp
from services.batch_inference import scheduled, seen, task

log = logging.getLogger("headrace.batch_inference")


def main() -> int:
    """Exit code 0 when this task's share is there; 1 asks Cloud Run for another attempt."""
    parser = argparse.ArgumentParser(prog="python -m services.batch_inference.main", description=__doc__)
    parser.add_argument("--workload", choices=loading.names(), default="")
    parser.add_argument("--batch", default="", help="what is under `batches/WORKLOAD/` in the store")
    chosen, platform = parser.parse_args(), on_gcp("mlflow_url")
    if not chosen.batch:
        return scheduled.start(platform)
    try:
        for fact in score(platform, chosen.workload, chosen.batch, settings.run_task()):
            runtime.publish(fact, platform)
    except Exception:
        log.exception("batch %s of %s cannot go on", chosen.batch, chosen.workload, extra={"workload": chosen.workload})
        return 1
    return 0


def score(platform: Platform, workload: str, batch: str, mine: Task) -> Iterator[BatchScored | DatasetRejected]:
    """Do this task's share of a batch, and tell of its end: whatever was done before is not done again."""
    plan = batches.load(platform.store, workload, batch)
    with tracing.use(tracing.parse(plan.traceparent).child()):
        try:
            if batches.read(platform.store, batches.manifest_name(workload, batch)) is None:
                seen.note(platform.store, plan, mine, task.score(platform, plan, mine))
        except Rejected as reason:
            yield _rejected(platform, plan, str(reason))
            return
        yield from seen.finish(platform, plan, mine)


def _rejected(platform: Platform, plan: batches.Plan, reason: str) -> DatasetRejected:
    """Tasks may find different faults; the first one counts."""
    name = batches.rejection_name(plan.workload, plan.batch)
    try:
        platform.store.create(name, reason.encode())
    except Exists:
        reason = platform.store.read(name).decode()
    return DatasetRejected(workload=plan.workload, source=plan.source, reason=reason)


if __name__ == "__main__":
    sys.exit(main())
