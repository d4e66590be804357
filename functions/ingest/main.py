"""An object in the data bucket in; a dataset version or a batch to score, or the reason why there is none, out."""

from collections.abc import Iterator
from typing import Any

import functions_framework

from headrace import batches
from headrace.bus.runtime import Handlers, receive
from headrace.bus.triggers import ObjectFinalized
from headrace.data import admission, datasets, uploads
from headrace.data.datasets import Manifest
from headrace.data.uploads import Upload
from headrace.errors import NotFound, Rejected
from headrace.events import DatasetReady, DatasetRejected
from headrace.ports import Platform
from headrace.wiring import on_gcp


def ingest(event: ObjectFinalized, platform: Platform) -> Iterator[DatasetReady | DatasetRejected]:
    """Make a dataset version of a complete upload; the same content again is the same version and the same fact.

    What lies in `batch-input/` is scored instead.
    """
    if event.name.startswith(batches.ROOT):
        yield from _scored(event, platform)
        return
    upload = Upload.of(event.name)
    if upload is None:
        return
    try:
        manifest = _manifest(upload, event, platform)
    except NotFound:
        return  # deleted before we looked: nothing was uploaded after all
    except Rejected as reason:
        yield DatasetRejected(workload=upload.workload, source=event.uri, reason=str(reason))
        return
    datasets.publish(platform.store, manifest)
    address = platform.store.uri(datasets.manifest_name(manifest.workload, manifest.dataset))
    yield DatasetReady(workload=manifest.workload, dataset=manifest.dataset, manifest=address)


def _scored(event: ObjectFinalized, platform: Platform) -> Iterator[DatasetRejected]:
    found = batches.upload_of(event.name)
    if found is None:
        return
    upload, waits = found
    if waits:
        return
    try:
        batches.ask(platform, upload, event.name, event.uri, event.metadata.get("version", ""))
    except NotFound:
        return
    except Rejected as reason:
        yield DatasetRejected(workload=upload.workload, source=event.uri, reason=str(reason))


def _manifest(upload: Upload, event: ObjectFinalized, platform: Platform) -> Manifest:
    files = uploads.files_of(upload, event.name, platform.data)
    admission.admit(upload.workload, files, [platform.data])
    return Manifest(
        workload=upload.workload,
        dataset=datasets.version_of(files),
        source=event.uri,
        files=tuple(files),
    )


HANDLERS: Handlers = {ObjectFinalized: ingest}


@functions_framework.cloud_event
def main(cloud_event: Any) -> None:
    """Cloud Functions' entry point."""
    receive(cloud_event, HANDLERS, on_gcp("mlflow_url"))
