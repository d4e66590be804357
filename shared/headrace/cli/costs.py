"""`headrace costs`: what a month of an environment costs, and what each optional part adds."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Column, Table

from headrace.cli.session import ROOT, command, console
from headrace.costs import plan, training
from headrace.costs.month import Month, month
from headrace.costs.options import options
from headrace.costs.plan import Plan
from headrace.costs.prices import Prices
from headrace.costs.summary import dollars, markdown, verdict
from headrace.costs.usage import IDLE, LIGHT


@command
def costs(
    environment: Annotated[str, typer.Option(help="A file in infra/environments, without its ending.")] = "dev",
    readme: Annotated[bool, typer.Option("--readme", help="Print the README's table instead.")] = False,
) -> None:
    """Show what a month on Google Cloud costs: idle, in light use, and by the hour of training."""
    if readme:
        print(markdown(ROOT))
        return
    idle, light = (plan.load(ROOT, environment, usage) for usage in (IDLE, LIGHT))
    found = month(idle), month(light)
    console.print(_parts(found, light.prices))
    console.print(_assumed(light), soft_wrap=True, highlight=False)
    console.print(f"[bold]light use is {verdict(found[1].total)}[/]", highlight=False)
    console.print(_options(light))
    console.print(_hours(light))
    unchecked = ", ".join(light.prices.unchecked)
    console.print(f"[dim]seen for another region, or from memory: {unchecked}[/]", soft_wrap=True, highlight=False)


def _parts(found: tuple[Month, Month], prices: Prices) -> Table:
    """Parts that cost nothing in either month are left out."""
    idle, light = found
    title = f"dollars a month in {prices.region}, at list prices of {prices.looked_up}"
    total = [dollars(each.total) for each in found]
    table = Table(Column("part", "total"), *_amounts(total), "in light use", title=title, show_footer=True)
    for before, after in zip((*idle.lines, idle.free), (*light.lines, light.free), strict=True):
        if before.usd or after.usd:
            table.add_row(after.part, dollars(before.usd), dollars(after.usd), after.why)
    return table


def _options(light: Plan) -> Table:
    table = Table("what an optional part adds", *_amounts())
    for option in options(light):
        table.add_row(option.part, dollars(option.idle), dollars(option.light))
    return table


def _hours(light: Plan) -> Table:
    table = Table("an hour of training", "on", *(Column(name, justify="right") for name in ("Spot", "otherwise")))
    for workload in light.workloads:
        for candidate in workload.trained_on_arrival:
            each = workload.resources_of(candidate)
            machine = f"{each.nodes} x " * (each.nodes > 1) + f"{each.cpus:g} vCPU, {each.memory_mib / 1024:g} GiB"
            machine += f", {each.gpus} {each.gpu}" if each.gpu else ""
            prices = (f"${training.hour(each, light.prices, spot):.3f}" for spot in (True, False))
            table.add_row(f"{workload.name} {candidate}", machine, *prices)
    return table


def _amounts(footers: Sequence[str] = ("", "")) -> list[Column]:
    return [
        Column(name, footer, justify="right", no_wrap=True)
        for name, footer in zip((IDLE.name, LIGHT.name), footers, strict=True)
    ]


def _assumed(light: Plan) -> str:
    usage = light.usage
    return (
        f"{usage.name}: each of {len(light.workloads)} workloads is retrained {usage.retrainings} times a month; "
        f"{usage.predictions:,} predictions a day, of all workloads, in {usage.sittings} sittings of "
        f"{usage.sitting_minutes:g} minutes; an instance stays {usage.linger_minutes:g} minutes after its last request"
    )
