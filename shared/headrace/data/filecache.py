"""Content and a way to download it in; the file, downloaded once on this machine, out."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from shutil import copyfile
from uuid import uuid4

GIB = 1 << 30


class FileCache:
    """Downloaded files by what they contain, under `root`; the least recently used go when there are too many.

    Several processes may share it: a file appears when it is complete, and is linked to where it is wanted.
    """

    def __init__(self, root: Path | None = None, most_bytes: int = 20 * GIB) -> None:
        self._root = root or Path(tempfile.gettempdir()) / "headrace-files"
        self._most = most_bytes

    def place(self, content: str, path: Path, download: Callable[[Path], None]) -> None:
        """Let `path` be the file with `content`, which `download` writes where it is told if it is not here yet."""
        kept = self._root / sha256(content.encode()).hexdigest()
        if not _linked(kept, path):
            self._root.mkdir(parents=True, exist_ok=True)
            arriving = self._root / f"{kept.name}.{uuid4().hex}"
            try:
                download(arriving)
                arriving.replace(kept)
            finally:
                arriving.unlink(missing_ok=True)
            if not _linked(kept, path):
                download(path)

    def trim(self) -> None:
        """Forget what was not used for longest, until the rest fits."""
        total = 0
        for _, size, path in sorted(self._files(), reverse=True):
            total += size
            if total > self._most:
                path.unlink(missing_ok=True)

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        for path in self._root.glob("*"):
            with suppress(FileNotFoundError):  # another process trims too
                found = path.stat()
                yield found.st_mtime, found.st_size, path


def _linked(kept: Path, path: Path) -> bool:
    try:
        os.utime(kept)
        path.hardlink_to(kept)
    except FileNotFoundError:
        return False
    except OSError:  # another disk
        copyfile(kept, path)
    return True
