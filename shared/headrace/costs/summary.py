"""The project in; what it costs, in the few lines that its README has, out."""

import textwrap
from collections.abc import Iterator
from pathlib import Path

from headrace.costs import environment, plan
from headrace.costs.month import total
from headrace.costs.options import options
from headrace.costs.plan import Plan
from headrace.costs.training import hour
from headrace.costs.usage import IDLE, LIGHT

GOAL = (5, 15)
"""Dollars a month, in light use."""
SHOWN = "dev"
"""The environment whose optional parts the README lists."""
WIDTH = 125


def markdown(root: Path) -> str:
    """A table of the environments and of what each optional part adds, and the price of an hour of training."""
    rows = ["| a month | idle | light use |", "|---|---|---|"]
    for name in environment.names(root):
        idle, light = (total(plan.load(root, name, usage)) for usage in (IDLE, LIGHT))
        rows.append(f"| **{name}** | **{dollars(idle)}** | **{dollars(light)}** |")
    for option in options(plan.load(root, SHOWN, LIGHT)):
        rows.append(f"| {SHOWN}: {option.part} | +{dollars(option.idle)} | +{dollars(option.light)} |")
    hours = ", ".join(trainings(plan.load(root, SHOWN, LIGHT)))
    text = f"An hour of training on a Spot machine, and on one that stays: {hours}."
    return "\n".join([*rows, "", *textwrap.wrap(text, WIDTH)])


def trainings(found: Plan) -> Iterator[str]:
    """Each workload's hour, on the machines that most of its candidates get."""
    for workload in found.workloads:
        spot, stays = (hour(workload.resources, found.prices, spot) for spot in (True, False))
        yield f"`{workload.name}` {dollars(spot)} and {dollars(stays)}"


def dollars(usd: float) -> str:
    """With cents, where they matter."""
    amount = round(usd, 2) or 0.0
    sign = "-" if amount < 0 else ""
    return f"{sign}${abs(amount):,.2f}" if abs(amount) < 100 else f"{sign}${abs(amount):,.0f}"


def verdict(usd: float) -> str:
    """How light use compares with the goal."""
    low, high = GOAL
    place = "below" if usd < low else "within" if usd <= high else "above"
    return f"{place} the goal of ${low} to ${high}"
