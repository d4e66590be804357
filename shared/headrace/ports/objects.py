"""Cloud Storage, a bucket at a time."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Stat:
    """An object's name, generation, size in bytes and checksums (base64, as Cloud Storage gives them)."""

    name: str
    generation: int
    size: int
    crc32c: str
    updated: datetime
    md5: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


class Objects(Protocol):
    """One bucket."""

    bucket: str

    def uri(self, name: str) -> str:
        """The object's `gs://` address."""

    def link(self, name: str) -> str:
        """Where a browser finds the object."""

    def stat(self, name: str) -> Stat:
        """Raises NotFound."""

    def list(self, prefix: str, after: str | None = None) -> Iterator[Stat]:
        """Objects under `prefix` in the order of their names, from the name `after` on where one is given."""

    def read(self, name: str, limit: int | None = None) -> bytes:
        """The content, or its first `limit` bytes. Raises NotFound."""

    def open(self, name: str, generation: int) -> AbstractContextManager[BinaryIO]:
        """That generation as a file to read and to seek in, a few MiB of it at once in memory.

        Raises NotFound, on opening or on reading, when it is gone.
        """

    def write(self, name: str, data: bytes, over: int | None = None) -> int:
        """Create or replace, and return the generation; with `over`, replace only that generation.

        Raises Exists when another has come since.
        """

    def create(self, name: str, data: bytes) -> None:
        """Create. Raises Exists when the object is there: of many callers one succeeds."""

    def upload(self, name: str, path: Path, metadata: Mapping[str, str] | None = None, over: int | None = None) -> Stat:
        """Create or replace from a file, streamed; with `over`, replace only that generation, as `write` does."""

    def copy(self, name: str, source: "Objects", original: str, generation: int) -> None:
        """Create from an object of the bucket `source` without its bytes passing through here.

        Raises Exists when `name` is there, NotFound when that generation of `original` is gone.
        """

    def download(self, name: str, path: Path, generation: int | None = None) -> None:
        """Stream to a file, checksums verified. Raises NotFound when that generation is gone."""
