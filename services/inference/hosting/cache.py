"""A model version in; its artifacts in a local folder, complete or not there at all, out."""

import shutil
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from headrace.ports import Version
from services.inference.needs import Registry

KEPT = 2


class Cache:
    """Downloaded versions under `root`. The last two of a workload stay, so that a rollback downloads nothing."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def fetch(self, registry: Registry, version: Version) -> Path:
        """The folder of the version's artifacts, downloaded when it is not there."""
        folder = self._folder(version)
        if folder.is_dir():
            folder.touch()
            return folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(mkdtemp(prefix=".", dir=folder.parent))
        try:
            registry.download(version, partial)
            partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        return folder

    def discard(self, version: Version) -> None:
        """Forget a version, so that the next fetch downloads it again."""
        shutil.rmtree(self._folder(version), ignore_errors=True)

    def prune(self, workload: str) -> None:
        """Drop all but the last versions used of a workload; on Cloud Run these files are memory."""
        folders = sorted((self._root / workload).glob("[0-9]*"), key=lambda folder: folder.stat().st_mtime)
        for folder in folders[:-KEPT]:
            shutil.rmtree(folder, ignore_errors=True)

    def _folder(self, version: Version) -> Path:
        # A registry that was wiped counts from 1 again: the source tells its versions from the old ones.
        source = sha256(version.source.encode()).hexdigest()[:12]
        return self._root / version.workload / f"{version.number}-{source}"
