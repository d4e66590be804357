"""A platform so small that its month can be worked out on paper, at a dollar for whatever a test names."""

from pathlib import Path
from typing import Any

from headrace.catalogue import Description
from headrace.costs import prices
from headrace.costs.environment import Environment
from headrace.costs.plan import Plan
from headrace.costs.prices import Prices
from headrace.costs.usage import Usage
from headrace.topology import Topology

ROOT = Path(__file__).parents[4]
NOTHING_KEPT = {"data_gib": 0, "kept_gib": 0, "images_gib": 0, "logs_gib": 0}
A_DOLLAR_AN_HOUR = 1 / 3600

DEPLOYABLES: dict[str, dict[str, Any]] = {
    "reconcile": {"folder": "functions/reconcile", "entry": "cloud_event", "uses": {"mlflow": "call"}},
    "inference": {"folder": "services/inference", "entry": "process", "per_workload": True},
    "mlflow": {"folder": "services/mlflow", "entry": "process", "needs": {"memory_mib": 2048}},
}
WORKLOAD: dict[str, Any] = {
    "name": "loans",
    "title": "Loans",
    "task": "classification",
    "data": {"endings": [".csv"]},
    "resources": {"cpus": 1, "memory_mib": 1024, "max_minutes": 40},
    "candidates": {"plain": {}},
    "promotion": {"metric": "auc", "better": "higher", "min_gain": 0.01, "confidence": 0.9, "max_parity": 0.01},
    "card": {"purpose": "p", "data": "d", "limits": "l", "licence": "x"},
    "example": {"amount": 1},
}


def priced(**usd: float) -> Prices:
    """The project's list with these prices; everything else is free, and nothing is given."""
    listed = prices.load(ROOT)
    assert set(usd) <= set(listed.prices)
    changed = {
        name: each.model_copy(update={"usd": usd.get(name, 0), "free": 0}) for name, each in listed.prices.items()
    }
    return listed.model_copy(update={"prices": changed})


def workload(**settings: Any) -> Description:
    return Description.model_validate({**WORKLOAD, **settings})


def plan(
    listed: Prices, usage: Usage, *workloads: Description, schedule: str | None = None, **environment: Any
) -> Plan:
    """One deployment of the tiny platform, whose reconciler starts by `schedule`."""
    deployables = {name: dict(each) for name, each in DEPLOYABLES.items()}
    deployables["reconcile"]["schedule"] = schedule
    topology = Topology.model_validate(
        {
            "buckets": {},
            "streams": {},
            "secrets": {},
            "delivery": {"ack_seconds": 60, "retry_seconds": [1, 60], "attempts": 20, "export_seconds": 60},
            "deployables": deployables,
        }
    )
    return Plan(topology, workloads or (workload(),), Environment(name="tiny", **environment), listed, usage)
