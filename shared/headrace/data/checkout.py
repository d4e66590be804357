"""A dataset version in; a folder with its files, all of them or none, out."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from headrace.data import downloads
from headrace.data.datasets import Manifest
from headrace.errors import Rejected
from headrace.ports import Objects


def checkout(buckets: Iterable[Objects], manifest: Manifest, folder: Path) -> None:
    """Download into `folder`, checksums verified. Raises Rejected when something else lies there."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Rejected(f"{folder} is there already; name a folder that is not, or empty it")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".headrace-", dir=folder.parent) as scratch:
        arriving = Path(scratch) / "files"
        downloads.fetch(buckets, manifest.files, arriving)
        arriving.rename(folder)
