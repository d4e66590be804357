"""A `.dvc` file in; the content that this machine has of what it tracks, beside it or in DVC's cache, out."""

from collections.abc import Iterator
from configparser import ConfigParser
from configparser import Error as ConfigError
from pathlib import Path

from headrace.dvc.checksums import md5_of
from headrace.dvc.pointer import Pointer
from headrace.dvc.tree import Entry, entries_of, listing_of
from headrace.errors import Rejected


class Workspace:
    """Where tracked data and DVC's cache of it lie; either may be missing."""

    def __init__(self, pointer: Pointer) -> None:
        self._pointer = pointer
        self._caches = tuple(_caches(pointer.data.absolute()))

    def find(self, entry: Entry) -> Path:
        """A local file with the content of `entry`. Raises Rejected when there is none."""
        lying = self._pointer.data / entry.name if self._pointer.is_folder else self._pointer.data
        for path in (*self._cached(entry.hash), lying):
            if path.is_file():
                return path
        raise Rejected(f"{lying} is neither here, nor in DVC's cache, nor in the remote; `dvc pull` may get it")

    def listing(self) -> bytes:
        """The listing of the tracked folder. Raises Rejected when it is not known here."""
        for path in self._cached(self._pointer.hash):
            if path.is_file():
                return path.read_bytes()
        data = self._pointer.data
        found = sorted(path for path in data.rglob("*") if path.is_file())
        listing = listing_of(Entry(path.relative_to(data).as_posix(), md5_of(path).hex()) for path in found)
        try:
            entries_of(listing, self._pointer.hash)
        except Rejected:
            raise Rejected(f"{data} is not what its .dvc file tracks; `dvc commit` or `dvc checkout` first") from None
        return listing

    def _cached(self, hash: str) -> Iterator[Path]:
        return (cache / "files" / "md5" / hash[:2] / hash[2:] for cache in self._caches)


def _caches(data: Path) -> Iterator[Path]:
    """DVC's cache: where its settings say, else in the folder `.dvc` of the repository."""
    for folder in data.parents:
        if (folder / ".dvc").is_dir():
            yield from (folder / ".dvc" / cache for cache in _configured(folder / ".dvc"))
            yield folder / ".dvc" / "cache"
            return


def _configured(settings: Path) -> Iterator[str]:
    for name in ("config.local", "config"):
        parser = ConfigParser(interpolation=None)
        try:
            parser.read(settings / name, "utf-8")
        except ConfigError as error:
            raise Rejected(f"{settings / name} is not DVC's settings: {error}") from error
        if cache := parser.get("cache", "dir", fallback=""):
            yield cache
