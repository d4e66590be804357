"""`headrace approve` and `headrace reject`: a person's word on a version that waits for one."""

from typing import Annotated

import typer

from headrace import catalogue
from headrace.cli.session import HERE, State, actor, command, connect, console
from headrace.errors import Rejected
from headrace.promotion import approvals

Model = Annotated[str, typer.Argument(help="WORKLOAD/VERSION.")]


@command
def approve(
    model: Model,
    reason: Annotated[str, typer.Option(help="Why, for the audit.")] = "no reason given",
    state: State = HERE,
) -> None:
    """Make a version champion that passed its policy and waits for approval."""
    workload, version = _parsed(model)
    platform = connect(state)
    change = approvals.approve(platform, workload, version, actor(platform), reason)
    console.print(f"version {change.version} of {workload} is champion; `headrace rollback {workload}` takes it back")


@command
def reject(
    model: Model,
    reason: Annotated[str, typer.Option(help="Why, for the audit.")] = "no reason given",
    state: State = HERE,
) -> None:
    """Turn down a version that waits for approval; it is not judged again."""
    workload, version = _parsed(model)
    platform = connect(state)
    approvals.reject(platform, workload, version, actor(platform), reason)
    console.print(f"version {version} of {workload} is not promoted")


def _parsed(model: str) -> tuple[str, int]:
    workload, _, number = model.partition("/")
    catalogue.describe(workload)
    if not number.isdecimal():
        raise Rejected(f"{model!r} names no version; give WORKLOAD/VERSION, such as {workload}/7")
    return workload, int(number)
