"""An exported model, its data and its training in; what it takes on this machine, and how old it is, out."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from headrace import catalogue, loading
from headrace.data import datasets
from headrace.errors import NotFound
from headrace.models.scoring import Scorer
from headrace.policy.verdict import Measured
from headrace.ports import Platform, Version
from headrace.workload import Examples

CALLS, SECONDS = 30, 0.5
"""So often, or for so long, a model is asked; the answer is the typical time, whatever else the machine does."""

MIB = 1 << 20


def measure(platform: Platform, version: Version, export: Path, scorer: Scorer, examples: Examples) -> Measured:
    """Milliseconds from an instance to its answer on one core, alone and in a full batch; MiB; days; parity."""
    batch = min(catalogue.describe(version.workload).serving.batch, len(examples.instances))
    row, rows = examples.instances[:1], examples.instances[:batch]
    with loading.user_code(version.workload, "answering"):
        row_ms = _typical_ms(lambda: scorer.codec.decode(scorer.run(scorer.codec.encode(row)), row))
        batch_ms = _typical_ms(lambda: scorer.codec.decode(scorer.run(scorer.codec.encode(rows)), rows))
    return Measured(
        row_ms=row_ms,
        batch_ms=batch_ms,
        batch_rows=batch,
        size_mib=sum(path.stat().st_size for path in export.rglob("*") if path.is_file()) / MIB,
        age_days=_age(platform, version),
        parity=_parity(platform, version),
    )


def _typical_ms(call: Callable[[], object]) -> float:
    call()  # the first allocates what the others use
    took: list[float] = []
    until = time.perf_counter() + SECONDS
    while len(took) < CALLS and (not took or time.perf_counter() < until):
        begun = time.perf_counter()
        call()
        took.append(time.perf_counter() - begun)
    return float(np.median(took)) * 1000


def _age(platform: Platform, version: Version) -> float | None:
    """Days since the dataset version was made, which happens once for the same content."""
    try:
        made = platform.store.stat(datasets.manifest_name(version.workload, version.tags["headrace.dataset"])).updated
    except NotFound:
        return None
    return (platform.clock.now() - made).total_seconds() / 86400


def _parity(platform: Platform, version: Version) -> float | None:
    """How far the export was from the trained model; a quantised one is held to its candidate's bound as it is made."""
    if catalogue.describe(version.workload).quantised_of(version.tags.get("headrace.candidate", "")):
        return None
    try:
        return platform.registry.training(version).metrics.get("parity")
    except NotFound:
        return None
