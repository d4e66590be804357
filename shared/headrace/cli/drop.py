"""`headrace drop`: upload a file or a folder and follow what comes of it until every candidate has its verdict."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.status import Status

from headrace import candidates, catalogue, tracing
from headrace.cli.session import HERE, State, command, connect, console
from headrace.cli.wording import line
from headrace.errors import Busy
from headrace.events import DatasetReady, DatasetRejected, Event
from headrace.wiring import GoogleCloud

if TYPE_CHECKING:
    from headrace.adapters.follow import Followed

MARKER = "_SUCCESS"


@command
def drop(
    workload: Annotated[str, typer.Argument(help="The workload the data is for.")],
    path: Annotated[Path, typer.Argument(exists=True, help="A file, or a folder of files.")],
    minutes: Annotated[float, typer.Option(help="Follow for so long at most.")] = 60,
    state: State = HERE,
) -> None:
    """Upload data and follow the events live until a verdict on every candidate."""
    from headrace.adapters.follow import follow

    platform = connect(state)
    catalogue.describe(workload)
    where = platform.settings
    with follow(where.project, where.pubsub_endpoint, workload) as followed:
        begun = time.monotonic()
        upload(platform, workload, path)
        with console.status("waiting for the dataset version") as status:
            for fact in _facts(platform, workload, followed, begun + minutes * 60, status):
                console.print(f"{time.monotonic() - begun:6.1f} s  {line(fact)}", highlight=False, soft_wrap=True)
                if isinstance(fact, DatasetRejected):
                    raise typer.Exit(1)
    console.print(f"every candidate has its verdict; `headrace trace {workload}@champion` tells the story")


def _facts(
    platform: GoogleCloud, workload: str, followed: "Followed", deadline: float, status: Status
) -> Iterator[Event]:
    """The events as they come, until every candidate of the dataset has its verdict."""
    dataset: str | None = None
    while not (dataset and all(each.settled for each in candidates.of(platform, workload, dataset))):
        if time.monotonic() > deadline:
            raise Busy("no verdict on every candidate yet; `headrace status` shows how far it is")
        for received in followed.take(0.5):
            if isinstance(received.fact, DatasetReady):
                dataset = received.fact.dataset
            if isinstance(received.fact, Event):
                yield received.fact
        if dataset:
            status.update(" · ".join(str(each) for each in candidates.of(platform, workload, dataset)))


def upload(platform: GoogleCloud, workload: str, path: Path) -> None:
    """Put a file, or a folder and then its marker, into the data bucket."""
    metadata = {"traceparent": tracing.current().traceparent}
    with console.status(f"uploading {path}"):
        if path.is_file():
            platform.data.upload(f"{workload}/{path.name}", path, metadata)
            return
        for file in sorted(each for each in path.rglob("*") if each.is_file() and each.name != MARKER):
            name = f"{workload}/{path.name}/{file.relative_to(path).as_posix()}"
            platform.data.upload(name, file, metadata)
        platform.data.write(f"{workload}/{path.name}/{MARKER}", b"")
