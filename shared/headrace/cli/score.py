"""`headrace score`: have a file or a folder scored, and follow it to the result."""

import os
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from headrace import batches, catalogue, tracing
from headrace.batches import ROOT, Asked, Manifest
from headrace.cli.session import HERE, State, command, connect, console
from headrace.data.uploads import MARKER
from headrace.errors import Busy, Rejected
from headrace.ports import Objects
from headrace.wiring import GoogleCloud

PAUSE_SECONDS = 0.2


@command
def score(
    workload: Annotated[str, typer.Argument(help="Whose champion is to answer.")],
    path: Annotated[Path, typer.Argument(exists=True, help="A CSV, Parquet or text file, or a folder.")],
    version: Annotated[int | None, typer.Option(help="Another version than the champion.")] = None,
    minutes: Annotated[float, typer.Option(help="Follow for so long at most.")] = 60,
    state: State = HERE,
) -> None:
    """Score every row of a file or a folder, in as many tasks as its size asks for.

    The same content scored by the same version is scored once; a repeat shows what came of it.
    """
    platform = connect(state)
    catalogue.describe(workload)
    with console.status(f"uploading {path}"):
        source = _upload(platform, workload, path, version)
    manifest = _followed(platform, workload, source, time.monotonic() + minutes * 60)
    _show(platform, manifest)


def _upload(platform: GoogleCloud, workload: str, path: Path, version: int | None) -> str:
    """The address and generation of the object that completes the upload."""
    metadata = {"traceparent": tracing.current().traceparent}
    if version is not None:
        metadata["version"] = str(version)
    name = f"{ROOT}{workload}/{path.resolve().name}"
    if path.is_dir():
        for file in sorted(each for each in path.rglob("*") if each.is_file() and each.name != MARKER):
            platform.data.upload(f"{name}/{file.relative_to(path).as_posix()}", file)
        name, path = f"{name}/{MARKER}", Path(os.devnull)
    stat = platform.data.upload(name, path, metadata)
    return f"{platform.data.uri(name)}#{stat.generation}"


def _followed(platform: GoogleCloud, workload: str, source: str, until: float) -> Manifest:
    """The manifest, once it is there. Raises Rejected, and Busy when that takes too long."""
    store, note, batch = platform.store, batches.asked_name(workload, source), ""
    with console.status("waiting for the upload to be seen") as status:
        while time.monotonic() < until:
            if not batch and (found := batches.read(store, note)):
                asked = Asked.model_validate_json(found)
                if asked.reason:
                    raise Rejected(asked.reason)
                batch = asked.batch
            if batch:
                if found := batches.read(store, batches.manifest_name(workload, batch)):
                    return Manifest.model_validate_json(found)
                if reason := batches.read(store, batches.rejection_name(workload, batch)):
                    raise Rejected(reason.decode())
                status.update(f"batch {batch}: {_done(store, workload, batch):,} rows are scored")
            time.sleep(PAUSE_SECONDS)
    raise Busy(f"{source} is not scored yet; run this again to go on following it, or look into the job's log")


def _done(store: Objects, workload: str, batch: str) -> int:
    """How many rows are scored or rejected so far."""
    parts = store.list(f"{batches.folder(workload, batch)}/parts/")
    return sum(int(stat.metadata.get(count, 0)) for stat in parts for count in ("rows", "rejected"))


def _show(platform: GoogleCloud, manifest: Manifest) -> None:
    folder = batches.folder(manifest.workload, manifest.batch)
    answered = manifest.rows - manifest.rejected
    said = f"{answered:,} of {manifest.rows:,} rows are answered by version {manifest.version}"
    console.print(f"{said}, in {platform.store.uri(folder)}/parts/", soft_wrap=True, highlight=False)
    if manifest.rejected:
        where = platform.store.uri(f"{folder}/rejects/")
        console.print(f"rejected rows: {manifest.rejected:,}; lines and reasons are in {where}", soft_wrap=True)
    if manifest.unused:
        console.print(f"the model does not ask for {escape(', '.join(manifest.unused))}", soft_wrap=True)
    manifest_uri = platform.store.uri(batches.manifest_name(manifest.workload, manifest.batch))
    console.print(f"the manifest is {manifest_uri}", soft_wrap=True, highlight=False)
