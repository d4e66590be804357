"""A folder of training state in; the newest whole one, on whatever machine goes on, out."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import mkdtemp
from zipfile import BadZipFile, ZipFile

from headrace.errors import HeadraceError
from headrace.ports import Objects, Stat

log = logging.getLogger("headrace.training")

SLOTS = ("a", "b")
STEP = "step"


class Checkpoints:
    """The checkpoints of one training: two objects written in turn, so that the newest whole one is never at risk.

    An upload goes on in the background while the training does; an object appears when it is complete, and not before.
    """

    def __init__(self, store: Objects, training: str, scratch: Path) -> None:
        self._store, self._prefix, self._scratch = store, f"checkpoints/{training}/", scratch
        self._uploads = ThreadPoolExecutor(1, "checkpoints")
        self._last: Future[None] | None = None
        self._written = 0

    def save(self, folder: Path, step: int) -> None:
        """Keep the files in `folder`; what cannot be kept is said and does not stop the training."""
        self.wait()
        path = self._scratch / "saving.zip"
        with ZipFile(path, "w") as archive:
            for file in sorted(folder.rglob("*")):
                archive.write(file, file.relative_to(folder))
        self._last = self._uploads.submit(self._upload, path, step)

    def wait(self) -> None:
        """Return when what was saved last is in the store."""
        if self._last is not None:
            self._last.result()

    def close(self) -> None:
        """Wait, and end the thread."""
        self.wait()
        self._uploads.shutdown()

    def restore(self) -> Path | None:
        """The newest checkpoint that is whole, in a folder; None when there is none."""
        found = sorted(self._store.list(self._prefix), key=lambda stat: int(stat.metadata[STEP]), reverse=True)
        for stat in found:
            folder = self._unpacked(stat)
            if folder is not None:
                log.info("going on from step %s", stat.metadata[STEP])
                self._written = 1 + SLOTS.index(Path(stat.name).stem)
                return folder
        return None

    def _upload(self, path: Path, step: int) -> None:
        name = f"{self._prefix}{SLOTS[self._written % len(SLOTS)]}.zip"
        try:
            self._store.upload(name, path, {STEP: str(step)})
        except HeadraceError as error:
            log.warning("the checkpoint of step %d was not kept: %s", step, error)
            return
        self._written += 1

    def _unpacked(self, stat: Stat) -> Path | None:
        path, folder = self._scratch / "restoring.zip", Path(mkdtemp(dir=self._scratch))
        try:
            self._store.download(stat.name, path, stat.generation)
            with ZipFile(path) as archive:
                archive.extractall(folder)
        except (HeadraceError, BadZipFile) as error:
            log.warning("the checkpoint of step %s cannot be used: %s", stat.metadata[STEP], error)
            return None
        return folder
