"""`headrace rotate-testset`: from now on a workload's models are judged on rows that its split chooses anew."""

from typing import Annotated

import typer

from headrace import catalogue
from headrace.cli.rollback import Workload, ask_to_train
from headrace.cli.session import HERE, State, actor, command, connect, console
from headrace.data import rotations
from headrace.errors import Rejected


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
    rotations.rotate(platform, workload, dataset, actor(platform), reason)
    asked = ask_to_train(platform, workload, dataset)
    console.print(f"the test set of {dataset} is put aside; training on it again as request {asked.request}")
