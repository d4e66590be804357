"""The store, the registry and the audit trail in; a workload's dataset versions, and uploads that were refused, out."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from headrace import loading
from headrace.data import datasets, rotations
from headrace.data.datasets import Manifest
from headrace.errors import NotFound
from headrace.events import DatasetRejected
from headrace.ports import Objects, Platform, Stat, Version
from headrace.records import audit

MOST = 100
"""So many dataset versions are read: the newest."""
AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Made:
    """One dataset version: `parent` is the one that a file was added to, where it came about so."""

    manifest: Manifest
    at: datetime
    parent: str | None

    @property
    def dataset(self) -> str:
        """Its name, a digest of its content."""
        return self.manifest.dataset

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.manifest.files)


@dataclass(frozen=True, slots=True)
class Known:
    """A workload's dataset versions: the newest first, and how many there are."""

    made: Sequence[Made]
    total: int


@dataclass(frozen=True, slots=True)
class Use:
    """What became of a dataset version: its rows for training and for tests, and the models trained on it."""

    train_rows: int | None
    test_rows: int | None
    testsets: tuple[str, ...]
    models: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """What is told of one dataset version: its card, what tests on it are made on, and who uploaded it and why."""

    card: str
    page: bytes
    testset: str
    test_files: int
    rotated: int
    uploader: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """An upload that became no dataset version, or one that no model can be trained on."""

    at: datetime
    workload: str
    source: str
    reason: str


def newest(store: Objects) -> str:
    """The workload that data came for last; nothing where there is none at all."""
    last = max(_manifests(store, ""), key=lambda stat: stat.updated, default=None)
    return last.name.split("/")[1] if last else ""


def known(store: Objects, workload: str) -> Known:
    """The workload's dataset versions."""
    found = sorted(_manifests(store, f"{workload}/"), key=lambda stat: stat.updated, reverse=True)
    names = {stat.name.split("/")[2] for stat in found}

    def read(stat: Stat) -> Made:
        manifest = Manifest.model_validate_json(store.read(stat.name))
        return Made(manifest, stat.updated, _parent(manifest, names))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return Known(list(threads.map(read, found[:MOST])), len(found))


def uses(versions: Sequence[Version]) -> Mapping[str, Use]:
    """By dataset version, what the workload's model versions say of it."""
    by_dataset: dict[str, list[Version]] = {}
    for version in versions:
        by_dataset.setdefault(version.tags.get("headrace.dataset", ""), []).append(version)
    return {dataset: _use(trained) for dataset, trained in by_dataset.items() if dataset}


def detail(platform: Platform, manifest: Manifest) -> Detail:
    """Everything else about one dataset version."""
    store, workload, dataset = platform.store, manifest.workload, manifest.dataset
    rotated = sum(1 for each in rotations.history(store, workload) if each.dataset == dataset)
    frozen = json.loads(_read(store, rotations.place(store, workload, dataset)) or b"{}")
    said = _metadata(platform, manifest.source)
    return Detail(
        card=_read(store, f"cards/{workload}/{dataset}.md").decode(),
        page=_read(store, f"cards/{workload}/{dataset}.html"),
        testset=frozen.get("digest", ""),
        test_files=len(frozen.get("files", ())),
        rotated=rotated,
        uploader=said.get("uploaded-by", ""),
        reason=said.get("reason", ""),
    )


def refused(trail: Objects, workload: str, since: datetime) -> list[Refused]:
    """The workload's refused uploads, the newest first, and those for a workload that there is none of."""
    names = loading.names()
    return [
        Refused(each.at, each.fact.workload, each.fact.source, each.fact.reason)
        for each in reversed(audit.happened(trail, since, topics=[DatasetRejected.topic()]))
        if isinstance(each.fact, DatasetRejected)
        and (each.fact.workload == workload or each.fact.workload not in names)
    ]


def _manifests(store: Objects, within: str) -> list[Stat]:
    return [stat for stat in store.list(f"datasets/{within}") if stat.name.endswith("/manifest.json")]


def _parent(manifest: Manifest, names: set[str]) -> str | None:
    """`datasets.with_file` adds at the end."""
    before = datasets.version_of(manifest.files[:-1]) if len(manifest.files) > 1 else ""
    return before if before in names else None


def _use(trained: Sequence[Version]) -> Use:
    rows = [version.tags["headrace.rows"] for version in trained if "headrace.rows" in version.tags]
    train, _, test = rows[-1].partition("+") if rows else ("", "", "")
    testsets = dict.fromkeys(version.tags.get("headrace.testset", "") for version in trained)
    return Use(
        int(train) if train else None,
        int(test) if test else None,
        tuple(filter(None, testsets)),
        tuple(version.number for version in trained),
    )


def _metadata(platform: Platform, source: str) -> Mapping[str, str]:
    """What the upload itself says, where it was one and is still there."""
    prefix = platform.data.uri("")
    if not source.startswith(prefix):
        return {}
    try:
        return platform.data.stat(source.removeprefix(prefix).rpartition("#")[0]).metadata
    except NotFound:
        return {}


def _read(store: Objects, name: str) -> bytes:
    """The object, or nothing where there is none."""
    try:
        return store.read(name)
    except NotFound:
        return b""
