"""`headrace trace`: how a model version came to be, from the upload to the first request it answered."""

from typing import Annotated

import typer
from rich.table import Column, Table

from headrace import catalogue
from headrace.cli.session import HERE, State, command, connect, console
from headrace.cli.wording import styled
from headrace.errors import Rejected
from headrace.ports import Platform, Version
from headrace.records import story as stories
from headrace.records.story import Step


@command
def trace(
    model: Annotated[str, typer.Argument(help="WORKLOAD@ALIAS or WORKLOAD/VERSION.")], state: State = HERE
) -> None:
    """Tell the story of a model version from the audit trail, with times."""
    platform = connect(state)
    console.print(story(platform, _resolve(platform, model)))


def story(platform: Platform, version: Version) -> Table:
    """One line a step: when, how long after the first, and what happened."""
    table = Table(
        "time (UTC)", "after", Column("what", overflow="fold"), title=f"{version.workload} version {version.number}"
    )
    steps = stories.of_version(platform, version)
    for step in steps:
        after = (step.at - steps[0].at).total_seconds()
        table.add_row(f"{step.at:%Y-%m-%d %H:%M:%S}", f"{after:.1f} s", _line(step))
    return table


def _line(step: Step) -> str:
    return styled(step.words) + (f" ({step.source})" if step.source else "")


def _resolve(platform: Platform, model: str) -> Version:
    workload, at, alias = model.partition("@")
    if at:
        catalogue.describe(workload)
        found = platform.registry.alias(workload, alias)
        if found is None:
            raise Rejected(f"{workload} has no {alias}; `headrace status` shows what it has")
        return found
    workload, _, number = model.partition("/")
    catalogue.describe(workload)
    if not number.isdecimal():
        raise Rejected(f"{model!r} is neither WORKLOAD@ALIAS nor WORKLOAD/VERSION")
    return platform.registry.version(workload, int(number))
