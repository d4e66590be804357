"""`headrace pause` and `headrace resume`: no training begins, and afterwards what was asked for meanwhile."""

from typing import Annotated

import typer

from headrace.cli.session import HERE, State, actor, command, connect, console
from headrace.training import pausing, resuming


@command
def pause(
    reason: Annotated[str, typer.Option(help="Why, for whoever looks at `headrace status`.")] = "no reason given",
    state: State = HERE,
) -> None:
    """Let no training begin; what runs goes on to its end, and what is asked for waits for `headrace resume`."""
    platform = connect(state)
    console.print(str(pausing.begin(platform, actor(platform), reason)), soft_wrap=True, highlight=False)


@command
def resume(reason: Annotated[str, typer.Option(help="Why, for the record.")] = "", state: State = HERE) -> None:
    """Let training begin again, with what was asked for during the pause."""
    platform, told = connect(state), 0
    for fact in resuming.resume(platform, actor(platform), reason):
        told += 1
        console.print(f"{fact.workload}: {fact.wire} is told again", highlight=False)
    console.print(
        f"training goes on, with {told} that waited; jobs that were cut short go on at the next reconciliation"
    )
