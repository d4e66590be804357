"""`headrace rotate-testset`: from now on a workload's models are judged on rows that its split chooses anew."""

from typing import Annotated

import typer

from headrace import catalogue
from headrace.cli.rollback import Workload
from headrace.cli.session import HERE, State, actor, command, connect, console
from headrace.data import rotations
from headrace.errors import Rejected
from headrace.training import asking


@command
def rotate_testset(
    workload: Workload,
    reason: Annotated[str, typer.Option(help="Why, for the audit.")] = "no reason given",
    state: State = HERE,
) -> None:
    """Put the test set of the champion's data aside, train on that data again, and judge on what is held out then.

    The champion is scored on it too, as the rival of each new version. It makes a difference once the workload's own
    split has changed: the same split chooses the same rows.
    """
    catalogue.describe(workload)
    platform = connect(state)
    champion = platform.registry.alias(workload, "champion")
    if champion is None:
        raise Rejected(f"{workload} has no champion, and so no test set that it was judged on")
    dataset = champion.tags["headrace.dataset"]
    who = actor(platform)
    rotations.rotate(platform, workload, dataset, who, reason)
    asked = asking.ask(platform, workload, who, dataset, reason=reason)
    console.print(f"the test set of {dataset} is put aside; training on it again as request {asked.request}")
