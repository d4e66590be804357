"""`headrace rollback` and `headrace retrain`: the two decisions that are left to people."""

from typing import Annotated
from uuid import uuid4

import typer

from headrace import catalogue, tracing
from headrace.bus import runtime
from headrace.cli.session import HERE, State, actor, command, connect, console
from headrace.cli.status import show_pause
from headrace.data import datasets
from headrace.errors import Rejected
from headrace.events import RetrainRequested
from headrace.promotion import rollbacks
from headrace.wiring import GoogleCloud

Workload = Annotated[str, typer.Argument(help="The workload.")]


@command
def rollback(
    workload: Workload, reason: Annotated[str, typer.Option(help="Why, for the audit.")] = "", state: State = HERE
) -> None:
    """Make the previous champion champion again; the version left is not promoted again."""
    catalogue.describe(workload)
    platform = connect(state)
    change = rollbacks.rollback(platform, workload, actor(platform), reason)
    console.print(f"version {change.version} is champion again in place of version {change.replaced}")


@command
def retrain(
    workload: Workload,
    dataset: Annotated[str, typer.Option(help="The dataset version; without it, the champion's.")] = "",
    state: State = HERE,
) -> None:
    """Train every candidate again, even on data that was trained on before."""
    platform = connect(state)
    asked = ask_to_train(platform, workload, dataset)
    show_pause(platform)
    console.print(f"asked for training {workload} on {asked.dataset} as request {asked.request}")


def ask_to_train(
    platform: GoogleCloud, workload: str, dataset: str, candidates: tuple[str, ...] = ()
) -> RetrainRequested:
    """Publish the request for a training on `dataset`, or on the champion's when none is named."""
    catalogue.describe(workload)
    if not dataset:
        champion = platform.registry.alias(workload, "champion")
        if champion is None:
            raise Rejected(f"{workload} has no champion; name the dataset version with --dataset")
        dataset = champion.tags["headrace.dataset"]
    datasets.load(platform.store, workload, dataset)
    fact = RetrainRequested(
        workload=workload, request=uuid4().hex[:8], dataset=dataset, actor=actor(platform), candidates=candidates
    )
    with tracing.use(tracing.parse(None)):
        runtime.publish(fact, platform)
    return fact
