"""Rows whose truth has become known in; the dataset version to train on next, with them in it, out."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from headrace import catalogue, loading
from headrace.data import datasets
from headrace.ports import Platform, Version
from services.drift.truth import Row


def dataset(platform: Platform, version: Version, labelled: Sequence[Row], check: str) -> str:
    """The champion's dataset with the labelled rows; without any, the champion's dataset as it is."""
    workload, trained_on = version.workload, version.tags["headrace.dataset"]
    if not labelled:
        return trained_on
    ending = catalogue.describe(workload).data.endings[0]
    rows, labels = [row.instance for row in labelled], [row.label for row in labelled]
    with TemporaryDirectory(prefix="headrace-") as scratch:
        path = Path(scratch) / f"labelled-{check}{ending}"
        path.write_bytes(loading.serving(workload).labelled(rows, labels))
        stat = platform.store.upload(f"labelled/{workload}/{path.name}", path)
    added = datasets.as_file(platform.store.bucket, stat, path.name)
    manifest = datasets.with_file(datasets.load(platform.store, workload, trained_on), added, f"drift check {check}")
    datasets.publish(platform.store, manifest)
    return manifest.dataset
