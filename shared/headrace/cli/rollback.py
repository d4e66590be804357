"""`headrace rollback` and `headrace retrain`: the two decisions that are left to people."""

from typing import Annotated

import typer

from headrace import catalogue
from headrace.cli.session import HERE, State, actor, command, connect, console
from headrace.cli.status import show_pause
from headrace.promotion import rollbacks
from headrace.training import asking

Workload = Annotated[str, typer.Argument(help="The workload.")]


@command
def rollback(
    workload: Workload, reason: Annotated[str, typer.Option(help="Why, for the audit.")] = "", state: State = HERE
) -> None:
    """Make the previous champion champion again; the version left is not promoted again."""
    catalogue.describe(workload)
    platform = connect(state)
    change = rollbacks.rollback(platform, workload, actor(platform), reason)
    console.print(f"version {change.version} is champion again in place of version {change.replaced}")


@command
def retrain(
    workload: Workload,
    dataset: Annotated[str, typer.Option(help="The dataset version; without it, the champion's.")] = "",
    reason: Annotated[str, typer.Option(help="Why, for the audit.")] = "",
    state: State = HERE,
) -> None:
    """Train every candidate again, even on data that was trained on before."""
    platform = connect(state)
    asked = asking.ask(platform, workload, actor(platform), dataset, reason=reason)
    show_pause(platform)
    console.print(f"asked for training {workload} on {asked.dataset} as request {asked.request}")
