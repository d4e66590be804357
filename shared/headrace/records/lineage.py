"""A judged version with its data and its training in; what made what, as OpenLineage's run events, out.

Names follow OpenLineage's own for Cloud Storage: the namespace is the bucket, the name the object's. Everything is
derived from what it is about, so that the same version has the same events whenever they are made.
Source: https://openlineage.io/spec/2-0-2/OpenLineage.json
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import uuid5

from headrace.data.datasets import Manifest, manifest_name
from headrace.errors import Exists
from headrace.events import NAMESPACE
from headrace.ports import Logged, Objects, Version

PRODUCER = "urn:headrace"
SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
VERSION_FACET = (
    "https://openlineage.io/spec/facets/1-0-0/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet"
)

Fact = dict[str, Any]


def events(
    store: Objects, version: Version, manifest: Manifest, made: datetime, training: Logged, judged: datetime
) -> Iterator[Fact]:
    """How the data was gathered at `made`, the model trained on it, and judged on its frozen test set at `judged`."""
    workload, testset = version.workload, version.tags.get("headrace.testset", "")
    data = _in(store, manifest_name(workload, manifest.dataset), manifest.dataset)
    frozen = _in(store, f"testsets/{workload}/{testset}", testset)
    model = _dataset("mlflow", f"models/{workload}", str(version.number))
    files = [_dataset(f"gs://{file.bucket}", file.object, str(file.generation)) for file in manifest.files]
    trained = f"{workload}.train.{version.tags.get('headrace.candidate', 'unknown')}"
    ended = training.ended or version.created
    yield from _run(f"{workload}.ingest", manifest.dataset, (made, made), files, [data])
    yield from _run(trained, str(version.number), (training.started, ended), [data], [model, frozen])
    yield from _run(f"{workload}.evaluate", str(version.number), (judged, judged), [model, frozen], [])


def keep(store: Objects, version: Version, facts: Iterator[Fact]) -> None:
    """Keep the version's events, one a line; those that are there stay."""
    lines = "".join(json.dumps(fact, sort_keys=True) + "\n" for fact in facts)
    with suppress(Exists):
        store.create(f"{_folder(version.workload)}{version.number:06d}.jsonl", lines.encode())


def kept(store: Objects, workload: str) -> Iterator[str]:
    """Every event of the workload's versions, as a line."""
    for stat in store.list(_folder(workload)):
        yield from store.read(stat.name).decode().splitlines()


def _folder(workload: str) -> str:
    return f"lineage/{workload}/"


def _run(
    job: str, subject: str, times: tuple[datetime, datetime], inputs: Sequence[Fact], outputs: Sequence[Fact]
) -> Iterator[Fact]:
    """A run that began and came to its end."""
    about: Mapping[str, Any] = {
        "run": {"runId": str(uuid5(NAMESPACE, f"{job}/{subject}"))},
        "job": {"namespace": "headrace", "name": job},
        "inputs": inputs,
        "outputs": outputs,
        "producer": PRODUCER,
        "schemaURL": SCHEMA,
    }
    for kind, at in zip(("START", "COMPLETE"), times, strict=True):
        yield {"eventType": kind, "eventTime": at.isoformat(), **about}


def _in(store: Objects, name: str, version: str) -> Fact:
    return _dataset(f"gs://{store.bucket}", name, version)


def _dataset(namespace: str, name: str, version: str) -> Fact:
    facet = {"_producer": PRODUCER, "_schemaURL": VERSION_FACET, "datasetVersion": version}
    return {"namespace": namespace, "name": name, "facets": {"version": facet}}
