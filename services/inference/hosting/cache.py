"""A model version in; its artifacts in a local folder, complete or not there at all, out; and what answered last."""

import logging
import os
import shutil
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from headrace.ports import Version
from services.inference.needs import Registry

log = logging.getLogger("headrace.inference.cache")

KEPT = 2
MEMORY = "answering.json"

_read = msgspec.json.Decoder(dict[str, Version | None]).decode


class Cache:
    """Downloaded versions under `root`. The last two of a workload stay, so that a rollback downloads nothing.

    It remembers which version answered last for each source, so that a start without the registry finds it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def has(self, version: Version) -> bool:
        """Whether the version's artifacts are there."""
        return self._folder(version).is_dir()

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
        """Drop all but what answered and the last versions used of a workload; on Cloud Run these files are memory."""
        folders = sorted((self._root / workload).glob("[0-9]*"), key=lambda folder: folder.stat().st_mtime)
        answering = {self._folder(version) for version in self._memory(workload).values() if version}
        for folder in folders[:-KEPT]:
            if folder not in answering:
                shutil.rmtree(folder, ignore_errors=True)

    def remember(self, workload: str, source: str, version: Version | None) -> None:
        """Note what answers for a source, or that nothing is to."""
        memory = self._memory(workload)
        if source in memory and memory[source] == version:
            return
        path = self._root / workload / MEMORY
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_name(f".{MEMORY}.{os.getpid()}")
        written.write_bytes(msgspec.json.encode(memory | {source: version}))
        written.replace(path)

    def knows(self, workload: str, source: str) -> bool:
        """Whether it was ever noted what answers for the source."""
        return source in self._memory(workload)

    def recall(self, workload: str, source: str) -> Version | None:
        """What answered last for a source."""
        return self._memory(workload).get(source)

    def _memory(self, workload: str) -> dict[str, Version | None]:
        try:
            return _read((self._root / workload / MEMORY).read_bytes())
        except FileNotFoundError:
            return {}
        except msgspec.MsgspecError as error:
            log.warning("what answered last for %s cannot be read: %s", workload, error)
            return {}

    def _folder(self, version: Version) -> Path:
        # A registry that was wiped counts from 1 again: the source tells its versions from the old ones.
        source = sha256(version.source.encode()).hexdigest()[:12]
        return self._root / version.workload / f"{version.number}-{source}"
