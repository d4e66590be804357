"""A workload and its versions in; what it would cost by estimate to train its candidates once more, out."""

from dataclasses import dataclass
from pathlib import Path

from headrace import catalogue
from headrace.catalogue import Description
from headrace.costs import prices, training
from headrace.costs.prices import Prices
from headrace.costs.usage import LIGHT
from headrace.errors import NotFound, Rejected
from headrace.ports import Platform, Version

ROOT = Path(__file__).parents[2]
"""The project's folder: the list of prices goes with the image, where it was."""


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars, or why nobody knows."""

    usd: float | None
    why: str = ""

    def __str__(self) -> str:
        return self.why if self.usd is None else f"about ${max(self.usd, 0.01):.2f}"


FREE = Price(0.0)


def of_retraining(platform: Platform, workload: str) -> Price:
    """As long as each candidate took when it was trained last, on its machines, at list prices."""
    description, versions = catalogue.describe(workload), platform.registry.versions(workload)
    last = {version.tags.get("headrace.candidate", ""): version for version in versions}
    try:
        listed = prices.load(ROOT)
        found = [_one(platform, description, listed, name, last.get(name)) for name in description.trained_on_arrival]
    except (Rejected, OSError) as error:
        return Price(None, str(error))
    return Price(round(sum(found), 4))


def _one(platform: Platform, description: Description, listed: Prices, candidate: str, last: Version | None) -> float:
    resources, search = description.resources_of(candidate), description.search
    workers = search.workers if search and candidate == search.name else 1
    minutes = _minutes(platform, last) if last else None
    if minutes is None:
        minutes = resources.max_minutes * LIGHT.training_share
    return workers * (minutes + LIGHT.machine_minutes) / 60 * training.hour(resources, listed)


def _minutes(platform: Platform, version: Version) -> float | None:
    """What the run that made a version took."""
    try:
        logged = platform.registry.training(version)
    except NotFound:
        return None
    return (logged.ended - logged.started).total_seconds() / 60 if logged.ended else None
