"""The state folder in; the platform that the command line works with, local or in the cloud, out."""

import getpass
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec

import typer
from rich.console import Console
from rich.markup import escape

from headrace import settings
from headrace.delivery.account import Account
from headrace.delivery.commands import Commands
from headrace.errors import HeadraceError, Rejected
from headrace.wiring import GoogleCloud
from localcloud.stack.lock import is_held

console = Console()
State = Annotated[Path, typer.Option(help="The local stack's folder.", envvar="HEADRACE_STATE")]
HERE = Path(".headrace")
ROOT = Path(__file__).parents[3]
Given = ParamSpec("Given")


def connect(state: Path) -> GoogleCloud:
    """The local stack that runs in `state`, else the cloud that the environment names."""
    if (state / settings.FILE).is_file() and not is_held(state):
        raise Rejected(f"the local stack in {state} was killed; `headrace up` starts it again where it was")
    return GoogleCloud(settings.load_for_command_line(state))


def actor(platform: GoogleCloud) -> str:
    """Who gives the command: the account that gcloud works as; with a local stack, the user of this machine."""
    commands = Commands(ROOT, settings.inherited(), console.print)
    if platform.settings.pubsub_endpoint or not commands.has("gcloud"):
        return getpass.getuser()
    return Account(commands).name


def command(function: Callable[Given, None]) -> Callable[Given, None]:
    """A command that shows an expected error as its sentence and exits with code 1."""

    @wraps(function)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except HeadraceError as error:
            console.print(f"[red]{escape(str(error))}[/]", soft_wrap=True, highlight=False)
            raise typer.Exit(1) from None

    return run
