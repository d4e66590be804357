"""An order and its dataset version in; a model, trained, exported, compared, scored and registered, out."""

import logging
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from headrace import catalogue, tracing
from headrace.adapters.tracking import JOB, TrainingRun
from headrace.data import datasets
from headrace.data.datasets import Manifest
from headrace.data.downloads import arriving
from headrace.data.filecache import FileCache
from headrace.errors import WorkloadFailed
from headrace.options.quantised import PRECISION, USUAL
from headrace.ports import Version
from headrace.training import failures, stages
from headrace.training.stages import Evaluated, Exported
from headrace.wiring import GoogleCloud
from headrace.workload import Prepared, World
from services.trainer.checkpoints import Checkpoints
from services.trainer.following import PlatformRun
from services.trainer.order import Order
from services.trainer.progress import Part, Progress

if TYPE_CHECKING:
    from services.trainer.search import Searching

log = logging.getLogger("headrace.training")

FETCHED, PREPARED, SEARCHED, TRAINED = 0.1, 0.2, 0.7, 0.8
"""The share of a job that is over when its data is there and split, its parameters are found, its model is trained."""


def make(order: Order, manifest: Manifest, platform: GoogleCloud, progress: Progress) -> None:
    """Train, export, score, register and say so. Raises Rejected and WorkloadFailed, and whatever an outage raises."""
    with TemporaryDirectory(prefix="headrace-") as scratch:
        folder = Path(scratch)
        progress(0.0, "fetching the dataset, checking and splitting what is there")
        prepared = prepare(order, manifest, folder, platform, progress.part(0.0, FETCHED))
        for note in prepared.notes:
            log.info("%s", note)
        testset = datasets.freeze(platform.store, order.workload, order.dataset, folder / "split" / "test")
        tracked = _tracked(order, testset, prepared, platform)
        try:
            model = _fit(order, folder, tracked, platform, progress)
            progress(TRAINED, "exporting and scoring")
            quantised = catalogue.describe(order.workload).quantised_of(order.candidate)
            exported = stages.export(order.workload, model, folder / "split", folder, quantised)
            evaluated = stages.evaluate(order.workload, exported.export, folder / "split")
        except WorkloadFailed:
            tracked.finish(failed=True)
            raise
        progress(0.9, "registering")
        version = _register(order, manifest, exported, evaluated, tracked, platform)
        say(order, version, platform, progress)
        _keep(exported, tracked)


def prepare(
    order: Order, manifest: Manifest, folder: Path, platform: GoogleCloud, report: Callable[[float, str], None]
) -> Prepared:
    """Write `folder/split` while files still arrive. Candidates side by side on one machine download them once."""
    buckets, cache = (platform.data, platform.store), FileCache()

    def say(share: float, words: str) -> None:
        report(share, f"{words}, checking and splitting what is there")

    with arriving(buckets, manifest.files, folder / "dataset", cache, say) as dataset:
        prepared = stages.prepare(order.workload, dataset, folder / "split")
    cache.trim()
    return prepared


def _fit(order: Order, folder: Path, tracked: TrainingRun, platform: GoogleCloud, progress: Progress) -> Any:
    begin = SEARCHED if order.is_searched else PREPARED
    params = _params(order, folder, tracked, platform, progress.part(PREPARED, begin))
    tracked.log(params, {})
    checkpoints = Checkpoints(platform.store, order.job, folder)
    world = World(order.nodes, order.devices, rank=0)
    following = PlatformRun(world, progress.part(begin, TRAINED), tracked, checkpoints)
    try:
        return stages.fit(order.workload, params, folder / "split", following)
    finally:
        checkpoints.close()


def _params(order: Order, folder: Path, tracked: TrainingRun, platform: GoogleCloud, report: Part) -> dict[str, Any]:
    if not order.is_searched:
        return order.params
    return searching(order, 0, folder, platform).best(tracked, report)


def searching(order: Order, worker: int, folder: Path, platform: GoogleCloud) -> "Searching":
    """One worker's part in the search that an order asks for."""
    from services.trainer.search import Searching  # with Optuna, which every other training does without

    description = catalogue.describe(order.workload)
    return Searching(order, description, worker, folder / "split", platform.settings)


def _tracked(order: Order, testset: str, prepared: Prepared, platform: GoogleCloud) -> TrainingRun:
    where = platform.settings
    quantised = catalogue.describe(order.workload).quantised_of(order.candidate)
    tags = {
        "headrace.candidate": order.candidate,
        PRECISION: quantised.to if quantised else USUAL,
        "headrace.dataset": order.dataset,
        "headrace.testset": testset,
        "headrace.rows": f"{prepared.train}+{prepared.test}",
        tracing.TAG: tracing.current().traceparent,
    }
    commit = {"mlflow.source.git.commit": where.revision, "mlflow.note.content": "\n".join(prepared.notes)}
    return TrainingRun(where.mlflow_url, order.workload, order.job, tags | commit, about=tags)


def _register(
    order: Order,
    manifest: Manifest,
    exported: Exported,
    evaluated: Evaluated,
    tracked: TrainingRun,
    platform: GoogleCloud,
) -> Version:
    parity = {"parity": exported.parity.difference, "parity_same": exported.parity.same}
    tracked.log({}, {**evaluated.scores, **parity, "export_bytes": exported.size})
    tracked.log_dataset(manifest)
    tracked.log_figures(evaluated.figures)
    source = tracked.log_export(exported.export)
    tracked.finish()
    return platform.registry.register(order.workload, tracked.id, source, {JOB: order.job, **tracked.about})


def _keep(exported: Exported, tracked: TrainingRun) -> None:
    """What nothing in the loop needs comes last, and its failure changes nothing."""
    try:
        tracked.log_kept(exported.kept, exported.native)
    except Exception as error:
        log.warning("the model was not kept in its own library's form: %s", error)


def say(order: Order, version: Version, platform: GoogleCloud, progress: Progress) -> None:
    """The last word of a training that went well."""
    failures.record(platform.store, order.job, "registered", str(version.number))
    progress(1.0, f"registered version {version.number}")
