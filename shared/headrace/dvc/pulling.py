"""A dataset version in; its files in a folder, the `.dvc` file that tracks it, and DVC's remote filled, out."""

from base64 import b64decode
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from headrace.data import datasets
from headrace.data.checkout import checkout
from headrace.data.datasets import File
from headrace.dvc import pointer
from headrace.dvc.checksums import md5_of
from headrace.dvc.remote import Remote
from headrace.dvc.tree import Entry, hash_of, listing_of
from headrace.ports import Objects, Platform

COPIES = 8


def pull(platform: Platform, workload: str, dataset: str, folder: Path) -> Path:
    """Returns the `.dvc` file beside `folder`. Not a byte is uploaded: the remote's objects are copied where they are.

    Raises Rejected when there is no such dataset version, or something else lies in `folder`.
    """
    buckets = (platform.data, platform.store)
    manifest = datasets.load(platform.store, workload, dataset)
    checkout(buckets, manifest, folder)
    entries = [Entry(file.name, _hash(file, folder)) for file in manifest.files]
    remote, listing = Remote(platform.store), listing_of(entries)
    _fill(remote, {entry.hash: file for entry, file in zip(entries, manifest.files, strict=True)}, buckets)
    remote.write(hash_of(listing), listing)
    size = sum(file.size for file in manifest.files)
    return pointer.write(folder, hash_of(listing), size, len(entries))


def _hash(file: File, folder: Path) -> str:
    """Cloud Storage has no MD5 of an object that was composed of several."""
    return (b64decode(file.md5) if file.md5 else md5_of(folder / file.name)).hex()


def _fill(remote: Remote, files: dict[str, File], buckets: Iterable[Objects]) -> None:
    by_name = {bucket.bucket: bucket for bucket in buckets}
    with ThreadPoolExecutor(COPIES, "copy") as pool:
        list(pool.map(lambda item: remote.copy(item[0], by_name[item[1].bucket], item[1]), files.items()))
