"""One candidate of one dataset version in; one registered model version, or the reason why there is none, out.

This is what the training container runs. Started again after a crash or a lost machine, it finds its MLflow run, its
last checkpoint and, if it got that far, its version.
"""

import logging
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from headrace import settings, tracing
from headrace.adapters.tracking import JOB
from headrace.bus import runtime
from headrace.data import datasets
from headrace.errors import Interrupted, Rejected, WorkloadFailed
from headrace.events import DatasetRejected
from headrace.ports import Version
from headrace.settings import Task
from headrace.training import failures, stages
from headrace.training.jobs import AGAIN
from headrace.wiring import GoogleCloud, on_gcp
from headrace.workload import World
from services.trainer import candidate, launch
from services.trainer.checkpoints import Checkpoints
from services.trainer.following import PeerRun
from services.trainer.order import Order, read
from services.trainer.progress import Progress

log = logging.getLogger("headrace.training")

REGISTRY_RETRIES = 12  # about a minute and a half


def main() -> int:
    """Exit code 0 for a version or a rejected dataset, 1 when the workload failed, AGAIN for all else."""
    order, traceparent = read(sys.argv[1:])
    task = settings.task()
    if order.processes > 1 and task.rank is None:
        launch.torchrun(task, order.nodes, order.devices, order.job, sys.argv[1:])
    platform = on_gcp("mlflow_url", registry_retries=REGISTRY_RETRIES)
    with tracing.use(tracing.parse(traceparent, cause=order.job).child()):
        try:
            return run(order, platform) if _is_heard(order, task) else follow(order, task, platform)
        except Interrupted as reason:
            log.warning("%s", reason)
            return AGAIN
        except Exception:
            log.exception("the job was cut short; Batch starts it again")
            return AGAIN


def run(order: Order, platform: GoogleCloud) -> int:
    """Train and register, and leave a last word in the store. What is no fault of data or workload is raised."""
    progress = Progress(platform.store, order.job)
    try:
        manifest = datasets.load(platform.store, order.workload, order.dataset)
        version = _registered(order, platform)
        if version is None:
            candidate.make(order, manifest, platform, progress)
        else:
            candidate.say(order, version, platform, progress)
    except Rejected as reason:
        rejected = DatasetRejected(workload=order.workload, source=_source(order, platform), reason=str(reason))
        runtime.publish(rejected, platform)
        failures.record(platform.store, order.job, "rejected", str(reason))
        progress(1.0, "the dataset was rejected")
        return 0
    except WorkloadFailed as error:
        log.exception("the job failed")
        failures.record(platform.store, order.job, "failed", str(error))
        return 1
    return 0


def follow(order: Order, task: Task, platform: GoogleCloud) -> int:
    """Work along with the first process, which alone is heard: what goes wrong here it finds too, or finds us gone."""
    if _registered(order, platform):
        return 0
    manifest = datasets.load(platform.store, order.workload, order.dataset)
    with TemporaryDirectory(prefix="headrace-") as scratch:
        folder = Path(scratch)
        try:
            candidate.prepare(order, manifest, folder, platform, lambda _share, _words: None)
        except Rejected:
            return 0
        if task.rank is None:
            with suppress(WorkloadFailed):  # the first worker finds it too, and says it
                candidate.searching(order, task.index, folder, platform).assist()
            return 0
        checkpoints = Checkpoints(platform.store, order.job, folder)
        world = World(order.nodes, order.devices, task.rank)
        stages.fit(order.workload, order.params, folder / "split", PeerRun(world, checkpoints))
    return 0


def _is_heard(order: Order, task: Task) -> bool:
    """Whether this is the first of the processes that train together, or of the workers of a search."""
    return not task.rank and not (order.is_searched and task.index)


def _registered(order: Order, platform: GoogleCloud) -> Version | None:
    versions = platform.registry.versions(order.workload)
    return next((version for version in versions if version.tags.get(JOB) == order.job), None)


def _source(order: Order, platform: GoogleCloud) -> str:
    try:
        return datasets.load(platform.store, order.workload, order.dataset).source
    except Rejected:
        return order.dataset


if __name__ == "__main__":
    sys.exit(main())
