"""`headrace up`: the local stack, running until Ctrl-C."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.status import Status
from rich.table import Table

from headrace.cli.session import HERE, State, command, console

if TYPE_CHECKING:
    from localcloud.stack.stack import Stack


@command
def up(
    state: State = HERE,
    database: Annotated[str, typer.Option(help="MLflow's, as postgresql+psycopg2://…; else SQLite in the state.")] = "",
) -> None:
    """Start everything on this machine and print where it answers; Ctrl-C stops it, the state stays."""
    from localcloud.stack.stack import running

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    with (
        console.status("starting …") as status,
        running(state, _showing(status), schedules={}, database=database) as stack,
    ):
        status.stop()
        console.print(f"up after {time.monotonic() - started:.1f} s; Ctrl-C stops everything, {state} keeps it")
        console.print(_addresses(stack, state))
        try:
            signal.pause()
        except KeyboardInterrupt:
            console.print("stopping …")


def _showing(status: Status) -> Callable[[str], None]:
    return lambda name: status.update(f"{name} is up")


def _addresses(stack: "Stack", state: Path) -> Table:
    table = Table(show_header=False, box=None)
    table.add_row("studio", stack.url("studio"))
    table.add_row("MLflow", stack.url("mlflow"))
    table.add_row("inference", f"{stack.url('inference')}/models")
    table.add_row("event log", f"{state}/logs, gs://{stack.settings().bucket('audit')} on {stack.url('storage')}")
    return table
