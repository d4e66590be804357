"""One candidate of one dataset version in; one registered model version, or the reason why there is none, out.

This is what the training container runs. Started again after a crash or a lost machine, it finds its MLflow run and, if
it got that far, its version.
"""

import argparse
import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from headrace import catalogue, datasets, failures, runtime, tracing
from headrace.adapters.tracking import JOB, TrainingRun
from headrace.datasets import Manifest
from headrace.errors import Rejected, WorkloadFailed
from headrace.events import DatasetRejected
from headrace.jobs import AGAIN
from headrace.ports import Version
from headrace.wiring import GoogleCloud, on_gcp
from services.trainer import stages
from services.trainer.progress import Progress
from services.trainer.stages import Trained

log = logging.getLogger("headrace.training")

REGISTRY_RETRIES = 12  # about a minute and a half


@dataclass(frozen=True, slots=True)
class Order:
    """What to train, and under which job."""

    workload: str
    dataset: str
    candidate: str
    job: str


def main() -> int:
    """Exit code 0 for a version or a rejected dataset, 1 when the workload failed, AGAIN for all else."""
    parser = argparse.ArgumentParser(prog="python -m services.trainer.job", description=__doc__)
    for name in ("workload", "dataset", "candidate", "job"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--traceparent")
    given = vars(parser.parse_args())
    platform = on_gcp("mlflow_url", registry_retries=REGISTRY_RETRIES)
    with tracing.use(tracing.parse(given.pop("traceparent"), cause=given["job"]).child()):
        try:
            return run(Order(**given), platform)
        except Exception:
            log.exception("the job was cut short; Batch starts it again")
            return AGAIN


def run(order: Order, platform: GoogleCloud) -> int:
    """Train and register, and leave a last word in the store. What is no fault of data or workload is raised."""
    progress = Progress(platform.store, order.job)
    try:
        manifest = datasets.load(platform.store, order.workload, order.dataset)
        version = _registered(order, platform) or _train(order, manifest, platform, progress)
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
    failures.record(platform.store, order.job, "registered", str(version.number))
    progress(1.0, f"registered version {version.number}")
    return 0


def _registered(order: Order, platform: GoogleCloud) -> Version | None:
    versions = platform.registry.versions(order.workload)
    return next((version for version in versions if version.tags.get(JOB) == order.job), None)


def _source(order: Order, platform: GoogleCloud) -> str:
    try:
        return datasets.load(platform.store, order.workload, order.dataset).source
    except Rejected:
        return order.dataset


def _train(order: Order, manifest: Manifest, platform: GoogleCloud, progress: Progress) -> Version:
    with TemporaryDirectory(prefix="headrace-") as scratch:
        folder = Path(scratch)
        progress(0.0, "fetching the dataset")
        datasets.fetch((platform.data, platform.store), manifest.files, folder / "dataset")
        progress(0.1, "checking and splitting")
        with catalogue.user_code(order.workload, "preparing the data"):
            prepared = catalogue.training(order.workload).prepare(folder / "dataset", folder / "split")
        for note in prepared.notes:
            log.info("%s", note)
        testset = datasets.freeze(platform.store, order.workload, order.dataset, folder / "split" / "test")
        report = progress.part(0.2, 0.8)
        trained = stages.train(order.workload, order.candidate, folder / "split", folder / "export", report)
        progress(0.85, "registering")
        return _register(order, manifest, trained, testset, list(prepared.notes), platform)


def _register(
    order: Order, manifest: Manifest, trained: Trained, testset: str, notes: list[str], platform: GoogleCloud
) -> Version:
    where = platform.settings
    tags = {
        "headrace.candidate": order.candidate,
        "headrace.dataset": order.dataset,
        "headrace.testset": testset,
        tracing.TAG: tracing.current().traceparent,
    }
    commit = {"mlflow.source.git.commit": where.revision, "mlflow.note.content": "\n".join(notes)}
    run = TrainingRun(where.mlflow_url, order.workload, order.job, tags | commit)
    run.log(
        catalogue.describe(order.workload).candidates[order.candidate],
        {**trained.scores, "parity": trained.parity, "export_bytes": trained.size},
    )
    run.log_dataset(manifest)
    source = run.log_export(trained.export)
    run.finish()
    return platform.registry.register(order.workload, run.id, source, {JOB: order.job, **tags})


if __name__ == "__main__":
    sys.exit(main())
