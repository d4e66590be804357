"""`headrace deploy`: this commit, serving on Google Cloud."""

from pathlib import Path
from typing import Annotated

import typer

from headrace import settings
from headrace.cli.session import ROOT, command, console
from headrace.delivery import policy
from headrace.delivery.account import Account
from headrace.delivery.commands import Commands
from headrace.delivery.steps import ASIDE, WAY, chosen, run
from headrace.delivery.target import REGION, commit, target
from headrace.delivery.work import Delivery

Project = Annotated[str, typer.Option(help="The project's id.", envvar="HEADRACE_PROJECT")]
Region = Annotated[str, typer.Option(help="Where everything runs.", envvar="HEADRACE_REGION")]
Environment = Annotated[str, typer.Option(help="A file in infra/environments, without its ending.")]
Names = list[str] | None


@command
def deploy(
    project: Project,
    region: Region = REGION,
    environment: Environment = "dev",
    revision: Annotated[str, typer.Option(help="What images are tagged with; the commit, if not given.")] = "",
    step: Annotated[Names, typer.Option(help=f"One step alone: {', '.join([*WAY, *ASIDE])}.")] = None,
    start: Annotated[str, typer.Option("--from", help="The step to begin with, after one that failed.")] = "",
    skip: Annotated[Names, typer.Option(help="A step to leave out.")] = None,
    key: Annotated[str, typer.Option(help="Your key, where the services ask for one.", envvar="HEADRACE_API_KEY")] = "",
) -> None:
    """Check, build, scan, push, plan and apply; try what is new without requests, then move them to it in steps.

    Each step can be run again. When a new revision does not bear its requests, those before get them back.
    """
    steps = chosen(step or (), start, skip or ())
    work = delivery(ROOT, project, region, environment, revision, key)
    run(work, steps)
    if not step:
        console.print(f"[bold green]{work.target.revision} serves in {project}[/]", highlight=False, soft_wrap=True)


def delivery(root: Path, project: str, region: str, environment: str, revision: str = "", key: str = "") -> Delivery:
    """What steps need, from what was given. Raises Rejected."""
    commands = Commands(root, settings.inherited(), print_line)
    where = target(root, project, region, environment, revision or commit(commands))
    return Delivery(where, commands, Account(commands), policy.load(root), key)


def print_line(line: str) -> None:
    """As it is, and at once: what tools say may look like markup."""
    print(line, flush=True)
