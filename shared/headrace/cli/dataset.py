"""`headrace dataset pull` and `headrace dataset push`: dataset versions as data that DVC tracks, and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from headrace import catalogue, dvc, tracing
from headrace.bus import runtime
from headrace.cli.session import HERE, State, command, connect, console
from headrace.data import datasets
from headrace.errors import Rejected
from headrace.events import DatasetReady
from headrace.ports import Platform
from headrace.wiring import GoogleCloud

CHAMPION = "champion"
Workload = Annotated[str, typer.Argument(help="The workload.")]

dataset = typer.Typer(no_args_is_help=True, help="Dataset versions as data that DVC tracks, and back.")


@dataset.command()
@command
def pull(
    workload: Workload,
    version: Annotated[str, typer.Argument(help="The dataset version.")] = CHAMPION,
    folder: Annotated[Path | None, typer.Argument(help="A new folder; without it, one called as the workload.")] = None,
    state: State = HERE,
) -> None:
    """Download a dataset version, with the .dvc file that tracks it and the bucket as DVC's remote."""
    platform = connect(state)
    catalogue.describe(workload)
    target = (folder or Path(workload)).absolute()
    found = _champions(platform, workload) if version == CHAMPION else version
    with console.status(f"fetching dataset version {found}"):
        file = dvc.pull(platform, workload, found, target)
    said = f"dataset version {found} is in {target}, tracked by {file.name}; where DVC is new to the bucket:"
    console.print(said, soft_wrap=True, highlight=False)
    print("\n".join(_introduction(platform)))


@dataset.command()
@command
def push(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The .dvc file of a file or folder.")],
    workload: Annotated[str, typer.Option(help="The workload the data is for.")],
    state: State = HERE,
) -> None:
    """Make a dataset version of what a .dvc file tracks, and train on it; only what the bucket lacks is uploaded."""
    platform = connect(state)
    catalogue.describe(workload)
    with console.status(f"looking for what {file} tracks"):
        manifest = dvc.push(platform, workload, file)
    address = platform.store.uri(datasets.manifest_name(workload, manifest.dataset))
    with tracing.use(tracing.parse(None)):
        runtime.publish(DatasetReady(workload=workload, dataset=manifest.dataset, manifest=address), platform)
    console.print(f"dataset version {manifest.dataset} of {workload} is ready: {len(manifest.files):,} files")


def _champions(platform: Platform, workload: str) -> str:
    champion = platform.registry.alias(workload, CHAMPION)
    if champion is None:
        raise Rejected(f"{workload} has no champion; name the dataset version")
    return champion.tags["headrace.dataset"]


def _introduction(platform: GoogleCloud) -> Iterator[str]:
    """What to tell DVC once; the local server wants no credentials, and knows no layout that gcsfs would ask it for."""
    yield f"dvc remote add --default headrace {dvc.Remote(platform.store).uri}"
    if endpoint := platform.settings.storage_endpoint:
        yield f"dvc remote modify headrace endpointurl {endpoint}"
        yield "dvc remote modify headrace allow_anonymous_login true"
        yield "export GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT=false"
