"""`headrace key`: keys for clients of the inference service."""

from typing import Annotated

import typer

from headrace import apikeys
from headrace.cli.session import command, console
from headrace.settings import VARIABLES

ADVICE = f"""\
Give the key to whoever calls, as `x-api-key` or `authorization: Bearer`; it is shown this once and kept nowhere.
Add the line to the secret that fills {VARIABLES["api_keys"]}, and start the inference service anew."""

key = typer.Typer(no_args_is_help=True, help="Keys for clients of the inference service.")


@key.callback()
def _keys() -> None:
    """Let `new` be a command of its own; typer would take it for the only one."""


@key.command()
@command
def new(
    name: Annotated[str, typer.Argument(help="Whose key it is, as the log of predictions names the caller.")],
    rate: Annotated[float, typer.Option(min=0, help="Requests a second, for each instance; 0 is no limit.")] = 0,
    burst: Annotated[int, typer.Option(min=0, help="Requests at once; without it, a second's worth.")] = 0,
) -> None:
    """Make a key, and print it and the line that lets it in."""
    made = apikeys.fresh()
    line = apikeys.entry(name, made, rate, burst)
    print(f"key:  {made}\nline: {line}")
    console.print(ADVICE, soft_wrap=True, highlight=False)
