"""`headrace drop`: upload a file or a folder and follow what comes of it until every candidate has its verdict."""

from pathlib import Path
from typing import Annotated

import typer

from headrace import catalogue, tracing
from headrace.cli import verdicts
from headrace.cli.session import HERE, State, command, connect, console
from headrace.data import sending
from headrace.wiring import GoogleCloud


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
        upload(platform, workload, path)
        verdicts.show(platform, followed, minutes)
    console.print(f"every candidate has its verdict; `headrace trace {workload}@champion` tells the story")


def upload(platform: GoogleCloud, workload: str, path: Path) -> None:
    """Put a file, or a folder and then its marker, into the data bucket."""
    metadata = {"traceparent": tracing.current().traceparent}
    with console.status(f"uploading {path}") as status:
        sending.send(
            platform.data,
            workload,
            path,
            metadata,
            report=lambda sent, total: status.update(f"uploading {path}: {sent:,} of {total:,} bytes"),
        )
