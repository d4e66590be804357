"""The project's files in; everything that a month's price depends on out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from headrace import catalogue, loading, topology
from headrace.catalogue import Description, Resources
from headrace.costs import environment, prices
from headrace.costs.environment import Environment
from headrace.costs.prices import Prices
from headrace.costs.usage import Usage
from headrace.topology import Deployable, Topology


@dataclass(frozen=True, slots=True)
class Plan:
    """One deployment, and what is asked of it."""

    topology: Topology
    workloads: tuple[Description, ...]
    environment: Environment
    prices: Prices
    usage: Usage

    def schedule(self, name: str) -> str | None:
        """When the deployable starts by itself: the environment's word comes before the topology's."""
        return self.environment.schedules.get(name) or self.topology.deployables[name].schedule

    def of(self, entry: str) -> Mapping[str, Deployable]:
        """The deployables of one kind of entry."""
        return {name: each for name, each in self.topology.deployables.items() if each.entry == entry}

    def trainings(self, workload: Description) -> tuple[Resources, ...]:
        """What each training gets that a new dataset causes."""
        return tuple(map(workload.resources_of, workload.trained_on_arrival))


def load(root: Path, name: str, usage: Usage) -> Plan:
    """The environment `name` of the project. Raises Rejected."""
    return Plan(
        topology.load(root / "infra" / "topology.yaml"),
        tuple(map(catalogue.describe, loading.names())),
        environment.load(root, name),
        prices.load(root),
        usage,
    )
