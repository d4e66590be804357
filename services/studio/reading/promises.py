"""What an inference service counted of its answers in; whether it keeps what is promised, out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from headrace.errors import Rejected
from services.studio.reading import exposition
from services.studio.reading.exposition import Samples

FILE = Path("infra/objectives.yaml")
ASKING = frozenset({"predict", "invocations", "infer"})
"""The names under which the service counts what asks a model."""


class Objectives(BaseModel):
    """The share of requests without an error, and of those answered within so many milliseconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    available: float
    quick: float
    milliseconds: float
    least_requests: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One workload's answers since the instance started. Quantiles are in seconds; infinite beyond what it measures.

    What burns at 1 spends an error budget just as fast as it may be spent.
    """

    workload: str
    requests: int
    errors: int
    quick: float
    median: float
    slowest: float
    error_burn: float
    slow_burn: float

    @property
    def is_kept(self) -> bool:
        """Whether neither budget is overspent."""
        return self.error_burn <= 1 and self.slow_burn <= 1


def objectives(root: Path, otherwise: Mapping[str, float]) -> Objectives:
    """The project's, but for what an environment says. Raises Rejected for a file that is not valid."""
    try:
        return Objectives.model_validate({**yaml.safe_load((root / FILE).read_text("utf-8")), **otherwise})
    except ValidationError as error:
        raise Rejected(f"{FILE} is not valid: {error}") from error


def kept(page: str, promised: Objectives) -> list[Kept]:
    """Of every workload that was asked, by what the service says at /metrics."""
    samples = exposition.parse(page)
    names = sorted({each.labels.get("workload", "") for each in samples.get("headrace_requests_total", ())} - {""})
    return [found for name in names if (found := _kept(samples, name, promised))]


def quantile(buckets: Sequence[tuple[float, float]], share: float) -> float:
    """As Prometheus works it out of cumulative counts by upper bound: within a bucket, values lie evenly."""
    total = buckets[-1][1]
    before, below = 0.0, 0.0
    for bound, count in buckets:
        if count >= share * total and count > below:
            return inf if bound == inf else before + (bound - before) * (share * total - below) / (count - below)
        before, below = bound, count
    return inf


def within(buckets: Sequence[tuple[float, float]], seconds: float) -> float:
    """The share of values up to `seconds`, by the same rule."""
    total, before, below = buckets[-1][1], 0.0, 0.0
    for bound, count in buckets:
        if seconds < bound:
            part = 0.0 if bound == inf else (count - below) * (seconds - before) / (bound - before)
            return (below + part) / total
        before, below = bound, count
    return 1.0


def _kept(samples: Samples, workload: str, promised: Objectives) -> Kept | None:
    statuses = Counter[str]()
    for each in samples.get("headrace_requests_total", ()):
        if _asks(each.labels, workload):
            statuses[each.labels["status"]] += int(each.value)
    requests, buckets = statuses.total(), _buckets(samples, workload)
    if not requests or not buckets or not buckets[-1][1]:
        return None
    errors = sum(count for status, count in statuses.items() if status.startswith("5"))
    quick = within(buckets, promised.milliseconds / 1000)
    return Kept(
        workload,
        requests,
        errors,
        quick,
        quantile(buckets, 0.5),
        quantile(buckets, 0.99),
        errors / requests / (1 - promised.available),
        (1 - quick) / (1 - promised.quick),
    )


def _buckets(samples: Samples, workload: str) -> list[tuple[float, float]]:
    counts = Counter[float]()
    for each in samples.get("headrace_request_seconds_bucket", ()):
        if _asks(each.labels, workload):
            counts[float(each.labels["le"])] += int(each.value)
    return sorted((bound, float(count)) for bound, count in counts.items())


def _asks(labels: Mapping[str, str], workload: str) -> bool:
    return labels.get("workload") == workload and labels.get("api") in ASKING
