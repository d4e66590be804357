"""A stream of bytes in; a file under a random id, its size and its checksums out."""

import asyncio
import os
from base64 import b64encode
from collections.abc import AsyncIterable, Collection
from contextlib import suppress
from hashlib import md5
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import google_crc32c

from localcloud.storage.records import Blob

QUANTUM = 256 * 1024  # bytes; a resumable upload advances in multiples of it, as the service's does
BLOCK = 4 * QUANTUM  # bytes hashed, written or read at a time
_INLINE = 64 * 1024  # bytes; below this a thread costs more than the write


class Blobs:
    """Bytes on disk, one file per id. A file that no metadata names is garbage: names never become paths."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def create(self) -> "BlobWriter":
        """A writer of new bytes."""
        return BlobWriter(self._directory, uuid4().hex)

    async def resume(self, blob_id: str) -> "BlobWriter":
        """A writer that continues what a stopped server left under `blob_id`."""
        writer = BlobWriter(self._directory, blob_id)
        await asyncio.to_thread(writer.recover)
        return writer

    def open(self, blob: Blob) -> BinaryIO:
        """The bytes, readable even when they are discarded meanwhile."""
        return (self._directory / blob.id).open("rb")

    def discard(self, blob_id: str) -> None:
        """Remove the bytes, if there are any; what cannot be removed now is swept at the next start."""
        with suppress(OSError):
            (self._directory / blob_id).unlink()

    def sweep(self, kept: Collection[str]) -> None:
        """Remove every file but those of `kept`."""
        for path in self._directory.iterdir():
            if path.name not in kept:
                path.unlink()


class BlobWriter:
    """Appends to one file and hashes as it goes; holds at most two blocks in memory."""

    def __init__(self, directory: Path, blob_id: str) -> None:
        self.id = blob_id
        self.size = 0
        self._path = directory / blob_id
        self._pending: list[bytes] = []
        self._waiting = 0
        self._md5 = md5(usedforsecurity=False)
        self._crc32c = google_crc32c.Checksum()

    @property
    def length(self) -> int:
        """Bytes accepted; `size` of them are on disk."""
        return self.size + self._waiting

    async def extend(self, chunks: AsyncIterable[bytes]) -> None:
        """Append a whole stream."""
        async for chunk in chunks:
            await self.write(chunk)

    async def write(self, chunk: bytes) -> None:
        """Append; whole blocks go to disk, the rest waits."""
        self._pending.append(chunk)
        self._waiting += len(chunk)
        if self._waiting >= BLOCK:
            await self._flush(self._waiting - self._waiting % QUANTUM)

    async def settle(self) -> None:
        """Keep the whole quanta received so far and forget the bytes after them."""
        await self._flush(self._waiting - self._waiting % QUANTUM)
        self._pending, self._waiting = [], 0

    async def finish(self) -> Blob:
        """Store what waits; the bytes are complete."""
        await self._flush(self._waiting)
        crc32c, digest = b64encode(self._crc32c.digest()).decode(), b64encode(self._md5.digest()).decode()
        return Blob(self.id, self.size, crc32c, digest)

    def recover(self) -> None:
        """Take up the whole quanta already on disk; reads them again for the checksums."""
        self._path.touch()
        os.truncate(self._path, self._path.stat().st_size // QUANTUM * QUANTUM)
        with self._path.open("rb") as file:
            while block := file.read(BLOCK):
                self._hash(block)

    async def _flush(self, count: int) -> None:
        data = b"".join(self._pending)
        block, rest = data[:count], data[count:]
        self._pending, self._waiting = [rest], len(rest)
        if count < _INLINE:
            self._store(block)
        else:
            await asyncio.to_thread(self._store, block)

    def _store(self, block: bytes) -> None:
        with self._path.open("ab") as file:
            file.write(block)
        self._hash(block)

    def _hash(self, block: bytes) -> None:
        self._md5.update(block)
        self._crc32c.update(block)
        self.size += len(block)
