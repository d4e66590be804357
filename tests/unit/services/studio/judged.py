"""Versions of loans as the evaluator leaves them, on a platform in memory."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from headrace.data import datasets
from headrace.data.datasets import Manifest
from headrace.policy.verdict import Gap, Group, Interval, Measured, Verdict
from headrace.promotion import promotions
from headrace.promotion.promotions import PROMOTED, REJECTED, VERDICT
from tests.fakes import FakePlatform

W, DATASET, OTHER = "loan_default", "9f2c41d8a7b35e60", "13a40a9a0e912d5c"
NONE: Mapping[str, str] = {}
GAIN = Interval(0.0123, 0.0041, 0.0205)
GROUPS = (
    Group("term", "36 months", 800, "auc", 0.71, 0.70, None, True),
    Group("term", "60 months", 400, "auc", 0.66, 0.69, Interval(-0.03, -0.05, -0.01), True),
)
FOUND = Verdict(
    promoted=True,
    reasons=("auc +0.0123 [+0.0041, +0.0205] against the champion: a gain at 90% confidence",),
    scores={"auc": 0.7123, "brier": 0.15, "ece": 0.02},
    champion_scores={"auc": 0.70, "brier": 0.16, "ece": 0.03},
    gain=GAIN,
    intervals={
        "auc": Interval(0.7123, 0.69, 0.73),
        "brier": Interval(0.15, 0.14, 0.16),
        "ece": Interval(0.02, 0.01, 0.03),
    },
    groups=GROUPS,
    gaps=(Gap("region", "demographic parity", {"north": 0.2, "south": 0.3}, Interval(0.1, 0.05, 0.15), 0.1),),
    measured=Measured(row_ms=0.5, batch_ms=12.0, batch_rows=256, size_mib=1.5, age_days=0.1, parity=2e-7),
)
FIRST = Verdict(
    True, ("no champion to beat: auc 0.7000 is within every bound",), {"auc": 0.70}, measured=FOUND.measured
)
POOR = Verdict(
    False, ("auc 0.5000 is below the floor of 0.6",), {"auc": 0.5}, {"auc": 0.70}, Interval(-0.2, -0.22, -0.18)
)


def platform() -> FakePlatform:
    """One with a dataset version, and nothing else."""
    made = FakePlatform()
    manifest = Manifest(workload=W, dataset=DATASET, source="gs://local-headrace-data/loan_default/x.csv#1", files=())
    datasets.publish(made.store, manifest)
    return made


def add(
    platform: FakePlatform, found: Verdict, verdict: str, against: int | None = None, tags: Mapping[str, str] = NONE
) -> int:
    """A version with that verdict, its tags and the file that the evaluator attaches."""
    numbers: Mapping[str, Any] = {
        "challenger": dict(found.scores),
        "champion": dict(found.champion_scores or {}),
        "gain": asdict(found.gain) if found.gain else None,
        "measured": asdict(found.measured),
    }
    known = {
        "headrace.dataset": DATASET,
        "headrace.testset": "t1",
        "headrace.candidate": "xgboost",
        "headrace.job": "job-1",
        "headrace.reasons": json.dumps(found.reasons),
        "headrace.scores": json.dumps(numbers),
        **({"headrace.against": str(against)} if against else {}),
        **({VERDICT: verdict} if verdict else {}),
    }
    run = f"run-{len(platform.registry.versions(W)) + 1}"
    version = platform.registry.register(W, run, "mlflow-artifacts:/1/x", {**known, **tags})
    platform.registry.attach(version, "card/verdict.json", json.dumps(asdict(found)).encode())
    platform.registry.attach(
        version, "card/model.md", b"# loan\\_default 1.0.0\n\nIt costs $5 to $10.\n\n## Why\n\nauc\n"
    )
    platform.registry.attach(version, "card/model.html", b"<!DOCTYPE html><html></html>")
    platform.clock.advance(minutes=10)
    return version.number


def promoted(platform: FakePlatform, version: int) -> None:
    """Make it champion, as the evaluator does, and let that be told."""
    past = promotions.history(platform.store, W)
    promotions.promote(platform, W, version, "evaluator", "it is better", after=past[-1].change if past else 0)
    list(promotions.observe(platform, W))
    platform.clock.advance(minutes=10)


def loans() -> FakePlatform:
    """Version 2 is champion in place of version 1, and version 3 was rejected."""
    made = platform()
    promoted(made, add(made, FIRST, PROMOTED, tags={"headrace.semver": "1.0.0"}))
    promoted(made, add(made, FOUND, PROMOTED, 1, {"headrace.semver": "1.0.1"}))
    add(made, POOR, REJECTED, 2, {"headrace.semver": "1.1.0", "headrace.testset": "t2"})
    return made
