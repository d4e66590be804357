"""`headrace tune`: search for better parameters, and follow the search until the verdict on what it found."""

from typing import Annotated

import typer

from headrace import catalogue
from headrace.cli import verdicts
from headrace.cli.session import HERE, State, actor, command, connect, console
from headrace.errors import Rejected
from headrace.training import asking


@command
def tune(
    workload: Annotated[str, typer.Argument(help="The workload.")],
    dataset: Annotated[str, typer.Option(help="The dataset version; without it, the champion's.")] = "",
    minutes: Annotated[float, typer.Option(help="Follow for so long at most.")] = 600,
    state: State = HERE,
) -> None:
    """Search for the parameters that `search:` in workload.yaml leaves open; the best are judged like a candidate."""
    from headrace.adapters.follow import follow

    platform = connect(state)
    search = catalogue.describe(workload).search
    if search is None:
        raise Rejected(f"{workload} has no search; say in `search:` of its workload.yaml what may vary")
    where = platform.settings
    with follow(where.project, where.pubsub_endpoint, workload) as followed:
        asked = asking.ask(platform, workload, actor(platform), dataset, (search.name,))
        console.print(f"{search.trials} trials on {asked.dataset} by {search.workers} workers, request {asked.request}")
        trained = verdicts.show(platform, followed, minutes, asked)
    for each in trained:
        console.print(f"{each.candidate}: {each.words}", highlight=False, soft_wrap=True)
    if any(each.failed for each in trained):
        raise typer.Exit(1)
