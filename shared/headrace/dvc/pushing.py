"""A `.dvc` file in; the dataset version of what it tracks, whose files are those in DVC's remote, out."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from headrace.data import datasets
from headrace.data.admission import admit
from headrace.data.datasets import Manifest
from headrace.dvc import pointer
from headrace.dvc.pointer import Pointer
from headrace.dvc.remote import Remote
from headrace.dvc.tree import Entry, entries_of
from headrace.dvc.workspace import Workspace
from headrace.errors import NotFound
from headrace.ports import Platform, Stat

MARKER = "_SUCCESS"
UPLOADS = 8


def push(platform: Platform, workload: str, file: Path) -> Manifest:
    """Publishes the manifest and returns it; again, it changes nothing.

    Content that the remote has is not uploaded, and what it lacks is uploaded for `dvc pull` to find as well. Raises
    Rejected when content is nowhere to be found, or when the workload does not take it.
    """
    tracked, remote = pointer.read(file), Remote(platform.store)
    workspace = Workspace(tracked)
    listing = _listing(tracked, remote, workspace)
    entries = entries_of(listing, tracked.hash) if tracked.is_folder else [Entry(tracked.data.name, tracked.hash)]
    stats = _have(remote, workspace, entries)
    if tracked.is_folder:
        remote.write(tracked.hash, listing)
    bucket = platform.store.bucket
    files = [datasets.as_file(bucket, stats[one.hash], one.name) for one in entries if one.name != MARKER]
    admit(workload, files, [platform.store])
    manifest = Manifest(
        workload=workload,
        dataset=datasets.version_of(files),
        source=platform.store.uri(remote.name(tracked.hash)),
        files=tuple(files),
    )
    datasets.publish(platform.store, manifest)
    return manifest


def _listing(tracked: Pointer, remote: Remote, workspace: Workspace) -> bytes:
    if not tracked.is_folder:
        return b""
    try:
        return remote.read(tracked.hash)
    except NotFound:
        return workspace.listing()


def _have(remote: Remote, workspace: Workspace, entries: list[Entry]) -> dict[str, Stat]:
    """The remote's object of every content, after uploading what was missing."""
    one_each = list({entry.hash: entry for entry in entries}.values())
    with ThreadPoolExecutor(UPLOADS, "upload") as pool:
        stats = pool.map(lambda one: _object(remote, workspace, one), one_each)
        return {entry.hash: stat for entry, stat in zip(one_each, stats, strict=True)}


def _object(remote: Remote, workspace: Workspace, entry: Entry) -> Stat:
    found = remote.find(entry.hash)
    return found or remote.upload(entry.hash, workspace.find(entry))
