"""What the inference service says of a workload in; how a challenger does on real traffic, against its bounds, out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Side:
    """One version's requests during a trial; `ms` is the typical time of one."""

    requests: int
    errors: int
    ms: float | None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Side":
        """As the service counts."""
        seconds = said.get("seconds")
        return cls(said.get("requests", 0), said.get("errors", 0), None if seconds is None else 1000 * seconds)


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial that is under way, on one instance of the service."""

    version: int
    mode: str
    share: float
    share_measured: float | None
    requests: int
    hours: float
    challenger: Side
    champion: Side
    disagreement: float | None
    max_disagreement: float | None
    max_error_gain: float
    max_latency_ratio: float

    @property
    def done(self) -> float:
        """How much of the requests that it takes are there, from 0 to 1."""
        return min(1.0, self.challenger.requests / self.requests) if self.requests else 0.0


def under_way(model: Mapping[str, Any]) -> Trial | None:
    """A workload's trial, as the service that hosts it says of the workload's models, if it has one."""
    found = model.get("challenger") or {}
    if found.get("state") != "running" or "version" not in found:
        return None
    return Trial(
        version=found["version"],
        mode=found["mode"],
        share=found["share"],
        share_measured=found.get("share_measured"),
        requests=found["requests"],
        hours=found["hours"],
        challenger=Side.of(found.get("challenger", {})),
        champion=Side.of(found.get("champion", {})),
        disagreement=found.get("disagreement"),
        max_disagreement=found.get("max_disagreement"),
        max_error_gain=found["max_error_gain"],
        max_latency_ratio=found["max_latency_ratio"],
    )
