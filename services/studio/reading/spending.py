"""What was trained and asked this month, and what Google reported of its budget, in; what it costs out."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from headrace.costs import plan, spent
from headrace.costs.environment import Budget
from headrace.costs.plan import Plan
from headrace.costs.spent import Estimate, Month, Ran
from headrace.costs.usage import LIGHT
from headrace.errors import Rejected
from headrace.ports import Objects, Platform
from services.studio.reading import traffic
from services.studio.reading.traffic import Traffic

ROOT = Path(__file__).parents[3]
"""Where `infra` lies, whose files say what an environment has and what things cost."""


@dataclass(frozen=True, slots=True)
class Report:
    """Cloud Billing's own word: so much of the budget is spent."""

    at: datetime
    cost: float
    amount: float
    currency: str


@dataclass(frozen=True, slots=True)
class Spending:
    """A month until now."""

    period: Month
    ran: Sequence[Ran]
    traffic: Traffic
    estimate: Estimate
    budget: Budget | None
    report: Report | None
    priced: str
    unchecked: int


def of(platform: Platform, environment: str) -> Spending:
    """This month, as `environment` would be deployed. Raises Rejected for what has no price."""
    planned = load(environment)
    period = Month.of(platform.clock.now())
    asked = traffic.of(platform.audit, period.begun)
    ran = spent.trainings(platform.jobs.list(), planned.prices, period.begun)
    return Spending(
        period,
        ran,
        asked,
        spent.estimate(planned, period, ran, asked.moments, asked.total),
        planned.environment.budget,
        _report(platform.audit, period.begun),
        f"{planned.prices.looked_up:%Y-%m-%d} for {planned.prices.region}",
        len(planned.prices.unchecked),
    )


def load(environment: str) -> Plan:
    """The project's files on one of its environments. Raises Rejected where they are not here."""
    try:
        return plan.load(ROOT, environment, LIGHT)
    except FileNotFoundError as error:
        raise Rejected(f"{error.filename} is not here, so that nothing is known of prices") from error


def _report(trail: Objects, since: datetime) -> Report | None:
    """The last one about the month that began then. Who exports reports keeps no name of the budget with them."""
    for stat in reversed(list(trail.list("budget/", after=f"budget/{since:%Y-%m-%dT%H:%M:%S}"))):
        for line in reversed(trail.read(stat.name).splitlines()):
            with suppress(ValueError, KeyError, TypeError):
                said = json.loads(line)
                if datetime.fromisoformat(said["costIntervalStart"]) >= since:
                    return Report(
                        stat.updated, float(said["costAmount"]), float(said["budgetAmount"]), said["currencyCode"]
                    )
    return None
