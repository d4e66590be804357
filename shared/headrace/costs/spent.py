"""A month so far as it was used in; what that would cost until now and by the month's end, at list prices, out.

Trainings are counted one by one, as long as their machines ran. Everything else is what `headrace costs` says of a
month that is used as this one was until now: the share of it that is over has been spent.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from headrace import catalogue, loading
from headrace.costs import timeline
from headrace.costs.billing import Line
from headrace.costs.month import TRAINING, month
from headrace.costs.plan import Plan
from headrace.costs.prices import Prices
from headrace.costs.training import hour
from headrace.costs.usage import LIGHT, Usage
from headrace.ports import Job
from headrace.training.jobs import Training, training_job

LEAST_DAYS = 1.0
"""What happens within less says nothing of a month."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A training's machines: how many hours they ran, all together, and what that costs."""

    workload: str
    candidate: str
    state: str
    hours: float
    usd: float


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month, looked at while it lasts."""

    begun: datetime
    now: datetime

    @classmethod
    def of(cls, now: datetime) -> "Month":
        """The one that `now` is in."""
        return cls(now.replace(day=1, hour=0, minute=0, second=0, microsecond=0), now)

    @property
    def days(self) -> int:
        """It has."""
        return monthrange(self.begun.year, self.begun.month)[1]

    @property
    def gone(self) -> float:
        """Days that are over."""
        return max((self.now - self.begun) / timedelta(days=1), LEAST_DAYS)

    @property
    def share(self) -> float:
        """The share of it that is over."""
        return self.gone / self.days


@dataclass(frozen=True, slots=True)
class Estimate:
    """Dollars by part, until now and by the month's end, the largest first; what is free is taken off as a part."""

    so_far: tuple[Line, ...]
    by_end: tuple[Line, ...]
    usage: Usage

    @property
    def spent(self) -> float:
        """Until now."""
        return sum(line.usd for line in self.so_far)

    @property
    def expected(self) -> float:
        """By the month's end, if it goes on like this."""
        return sum(line.usd for line in self.by_end)


def trainings(jobs: Iterable[Job], prices: Prices, since: datetime) -> list[Ran]:
    """Those that were begun since then, the oldest first. Raises Rejected for a machine without a price."""
    found = sorted((job for job in jobs if job.created >= since), key=lambda job: job.created)
    return [ran for job in found if (ran := _ran(job, prices))]


def estimate(plan: Plan, period: Month, ran: Sequence[Ran], asked: Sequence[datetime], requests: float) -> Estimate:
    """What a month on `plan` costs in which so many `requests` came, at about the moments `asked`."""
    usage = _usage(plan, period, ran, asked, requests)
    found = month(replace(plan, usage=usage))
    spent = sum(each.usd for each in ran)
    training = Line(TRAINING, spent / period.share, f"{len(ran)} trainings until now")
    others = [line for line in (*found.lines, found.free) if line.part != TRAINING]
    by_end = (training, *others)
    so_far = (replace(training, usd=spent), *(replace(line, usd=line.usd * period.share) for line in others))
    return Estimate(_sorted(so_far), _sorted(by_end), usage)


def _ran(job: Job, prices: Prices) -> Ran | None:
    training = Training.read(job.labels)
    if training is None or training.workload not in loading.names():
        return None
    description = catalogue.describe(training.workload)
    resources, machines = description.resources_of(training.candidate), training_job(description, training).workers
    hours = job.ran / timedelta(hours=1) * machines
    billed = hours + LIGHT.machine_minutes / 60 * machines
    usd = billed * hour(resources, prices, job.spot)
    return Ran(training.workload, training.candidate, job.state, hours * resources.nodes, usd)


def _usage(plan: Plan, period: Month, ran: Sequence[Ran], asked: Sequence[datetime], requests: float) -> Usage:
    """The month's days like those until now. Moments less than an instance's rest apart are one sitting."""
    minutes = [(moment - period.begun) / timedelta(minutes=1) for moment in asked]
    spans = timeline.awake([(minute, minute) for minute in minutes], LIGHT.linger_minutes)
    lasted = sum(end - start - LIGHT.linger_minutes for start, end in spans)
    trained = sum(len(plan.trainings(workload)) for workload in plan.workloads)
    return replace(
        LIGHT,
        name="this month",
        retrainings=ceil(len(ran) / period.share / max(1, trained)),
        predictions=ceil(requests / period.gone),
        sittings=ceil(len(spans) / period.gone),
        sitting_minutes=max(1.0, lasted / len(spans)) if spans else LIGHT.sitting_minutes,
    )


def _sorted(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted((line for line in lines if line.usd), key=lambda line: -line.usd))
