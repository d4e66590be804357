"""Resumable upload requests in; durable upload sessions out, which outlive the server that began them."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from localcloud.storage.blobs import Blobs, BlobWriter
from localcloud.storage.checksums import Checksums
from localcloud.storage.database import Database
from localcloud.storage.errors import StorageError
from localcloud.storage.preconditions import Preconditions
from localcloud.storage.records import JSON

_LIFETIME = 7 * 24 * 3600  # seconds


@dataclass(frozen=True, slots=True)
class Session:
    """One resumable upload and what it will become: `size` in bytes when declared, `result` when complete."""

    id: str
    bucket: str
    name: str
    attributes: Mapping[str, Any]
    checksums: Checksums
    preconditions: Preconditions
    size: int | None
    result: JSON | None = None


@dataclass(slots=True)
class _Progress:
    """Memory of a session: requests on it take turns, and hashes go on where they were."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    writer: BlobWriter | None = None


class Sessions:
    """Upload sessions; the bytes of each are a blob with the session's id."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs
        self._progress: dict[str, _Progress] = {}

    def create(
        self,
        bucket: str,
        name: str,
        attributes: Mapping[str, Any],
        checksums: Checksums,
        preconditions: Preconditions,
        size: int | None,
    ) -> Session:
        """Begin a session; it is durable when this returns."""
        session = Session(uuid4().hex, bucket, name, attributes, checksums, preconditions, size)
        request = {
            "name": name,
            "attributes": dict(attributes),
            "checksums": asdict(checksums),
            "preconditions": asdict(preconditions),
            "size": size,
        }
        values = (session.id, bucket, time.time(), json.dumps(request))
        self._database.execute("INSERT INTO uploads VALUES (?, ?, ?, ?, NULL)", *values)
        return session

    def get(self, upload_id: str) -> Session:
        """The session; 404 when it never was, was cancelled, or is a week old."""
        row = self._database.execute("SELECT bucket, request, result FROM uploads WHERE id = ?", upload_id).fetchone()
        if row is None:
            message = f"there is no upload session {upload_id!r}; it was cancelled or has expired, begin a new one"
            raise StorageError(HTTPStatus.NOT_FOUND, "notFound", message)
        request = json.loads(row[1])
        return Session(
            upload_id,
            row[0],
            request["name"],
            request["attributes"],
            Checksums(**request["checksums"]),
            Preconditions(**request["preconditions"]),
            request["size"],
            json.loads(row[2]) if row[2] else None,
        )

    def turn(self, session: Session) -> asyncio.Lock:
        """The lock that requests on one session take turns with."""
        return self._progress.setdefault(session.id, _Progress()).turn

    async def writer(self, session: Session) -> BlobWriter:
        """Where the session's next bytes go; recovered from disk after a restart or a failed write."""
        progress = self._progress.setdefault(session.id, _Progress())
        if progress.writer is None:
            progress.writer = await self._blobs.resume(session.id)
        return progress.writer

    def forget_writer(self, session: Session) -> None:
        """Trust the disk and not the memory next time."""
        self._progress.setdefault(session.id, _Progress()).writer = None

    def complete(self, session: Session, result: JSON) -> None:
        """The bytes are an object now; a client that missed the answer may ask again."""
        self._database.execute("UPDATE uploads SET result = ? WHERE id = ?", json.dumps(result), session.id)
        self._progress.pop(session.id, None)

    def cancel(self, session: Session) -> None:
        """Forget the session and its bytes."""
        self._database.execute("DELETE FROM uploads WHERE id = ?", session.id)
        self._progress.pop(session.id, None)
        if session.result is None:
            self._blobs.discard(session.id)

    def expire(self) -> None:
        """Drop sessions older than a week."""
        self._database.execute("DELETE FROM uploads WHERE started < ?", time.time() - _LIFETIME)
