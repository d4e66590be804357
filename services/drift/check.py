"""One workload's predictions since the last check in; DriftChecked, and DriftDetected where it is earned, out."""

import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from headrace import catalogue, claims, datasets
from headrace.catalogue import Description
from headrace.errors import NotFound
from headrace.events import DriftChecked, DriftDetected
from headrace.ports import Platform, Version
from headrace.workload import Arrays
from services.drift import report, state, window
from services.drift.report import Column
from services.drift.state import Bounds, State
from services.drift.window import Window

Fact = DriftChecked | DriftDetected
LEASE = timedelta(minutes=10)


def check(workload: str, platform: Platform) -> Iterator[Fact]:
    """Look at what the champion predicted since the last check, if that is enough to say anything."""
    champion = platform.registry.alias(workload, "champion")
    if champion is None:
        return
    before, generation = state.load(platform.store, workload)
    bounds = before.pending
    if bounds is None:
        seen = window.read(platform.audit, workload, champion.number, before.checked)
        least = catalogue.describe(workload).drift.min_rows
        if len(seen.instances) < least:
            yield _too_few(workload, champion.number, seen, least)
            return
        bounds = Bounds(version=champion.number, until=seen.until)
        begun = before.model_copy(update={"pending": bounds})
        generation = state.save(platform.store, workload, begun, over=generation)
    key = f"drift/{workload}/{sha256(f'{before.checked}/{bounds.until}'.encode()).hexdigest()[:12]}"
    with claims.once(platform.store, platform.clock, key, LEASE) as mine:
        if mine:
            yield from _judge(workload, before, bounds, generation, platform)


def _too_few(workload: str, version: int, seen: Window, least: int) -> DriftChecked:
    rows = len(seen.instances)
    outcome = f"not enough: {rows} rows, {least} are needed"
    return DriftChecked(workload=workload, check=_id(version, seen), version=version, rows=rows, outcome=outcome)


def _judge(workload: str, before: State, bounds: Bounds, generation: int, platform: Platform) -> Iterator[Fact]:
    try:
        version = platform.registry.version(workload, bounds.version)
    except NotFound:  # deleted since the check began: there is nothing left to hold the window against
        state.save(platform.store, workload, before.model_copy(update={"pending": None}), over=generation)
        return
    seen = window.read(platform.audit, workload, version.number, before.checked, bounds.until)
    name = _id(version.number, seen)
    columns, address = _report(platform, version, seen, name)
    rule, now = catalogue.describe(workload).drift, platform.clock.now()
    drifted = tuple(sorted(column.name for column in columns if column.drifted))
    enough = bool(columns) and len(drifted) / len(columns) >= rule.share
    cooling = before.last_drift is not None and now - before.last_drift < timedelta(minutes=rule.cooldown_minutes)
    yield DriftChecked(
        workload=workload,
        check=name,
        version=version.number,
        rows=len(seen.instances),
        outcome=_outcome(drifted, len(columns), enough, cooling),
        report=address,
    )
    act = enough and not cooling
    if act:
        dataset = _with_labels(platform, version, seen, name)
        yield DriftDetected(
            workload=workload, check=name, version=version.number, columns=drifted, dataset=dataset, report=address
        )
    after = State(checked=bounds.until, last_drift=now if act else before.last_drift)
    state.save(platform.store, workload, after, over=generation)


def _report(platform: Platform, version: Version, seen: Window, name: str) -> tuple[list[Column], str]:
    description = catalogue.describe(version.workload)
    with TemporaryDirectory(prefix="headrace-") as scratch:
        folder = Path(scratch)
        platform.registry.download(version, folder)
        reference = _reference(folder / "reference.json", description)
        current = catalogue.serving(version.workload).describe(seen.instances)
        shared = report.comparable(reference, current)
        columns = report.compare({c: reference[c] for c in shared}, {c: current[c] for c in shared}, folder)
        for page in ("report.html", "report.json"):
            platform.store.upload(f"reports/{version.workload}/{name}/{page}", folder / page)
    return columns, platform.store.uri(f"reports/{version.workload}/{name}/report.html")


def _reference(path: Path, description: Description) -> Arrays:
    columns = json.loads(path.read_text())["columns"]
    kept = {name: values for name, values in columns.items() if name not in description.drift.ignore}
    return {name: np.array(v, "f8" if _numeric(v) else object) for name, v in kept.items()}


def _numeric(values: list[object]) -> bool:
    return not any(isinstance(value, str) for value in values)


def _with_labels(platform: Platform, version: Version, seen: Window, name: str) -> str:
    """The champion's dataset with the window's labelled rows; without any, the champion's dataset as it is."""
    workload, dataset = version.workload, version.tags["headrace.dataset"]
    instances, labels = window.labels(platform.audit, workload, seen)
    if not instances:
        return dataset
    ending = catalogue.describe(workload).data.endings[0]
    with TemporaryDirectory(prefix="headrace-") as scratch:
        path = Path(scratch) / f"labelled-{name}{ending}"
        path.write_bytes(catalogue.serving(workload).labelled(instances, labels))
        stat = platform.store.upload(f"labelled/{workload}/{path.name}", path)
    added = datasets.as_file(platform.store.bucket, stat, path.name)
    manifest = datasets.with_file(datasets.load(platform.store, workload, dataset), added, f"drift check {name}")
    datasets.publish(platform.store, manifest)
    return manifest.dataset


def _outcome(drifted: tuple[str, ...], total: int, enough: bool, cooling: bool) -> str:
    found = f"{len(drifted)} of {total} columns drifted"
    if not enough:
        return f"steady: {found}"
    return f"drifted, but cooling down since the last retraining: {found}" if cooling else f"drifted: {found}"


def _id(version: int, seen: Window) -> str:
    return sha256(f"{version}/{seen.after}/{seen.until}".encode()).hexdigest()[:12]
