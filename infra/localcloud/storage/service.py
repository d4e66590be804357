"""A state directory in; the buckets, objects, blobs, upload sessions and outbox that live in it out."""

from dataclasses import dataclass
from pathlib import Path

from localcloud.storage.blobs import Blobs
from localcloud.storage.buckets import Buckets
from localcloud.storage.database import Database
from localcloud.storage.objects import Objects
from localcloud.storage.outbox import Outbox, Triggers
from localcloud.storage.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Service:
    """Everything an endpoint works on; `base_url` is where clients reach the server."""

    base_url: str
    database: Database
    blobs: Blobs
    buckets: Buckets
    objects: Objects
    sessions: Sessions
    outbox: Outbox

    def sweep(self) -> None:
        """Remove what a killed server left: bytes without an object and without an upload that may go on."""
        self.sessions.expire()
        used = self.database.execute("SELECT blob FROM objects UNION SELECT id FROM uploads WHERE result IS NULL")
        self.blobs.sweep({blob_id for (blob_id,) in used})


def open_service(state: Path, base_url: str, triggers: Triggers) -> Service:
    """The service on `state`, swept; OSError when another server holds it."""
    state.mkdir(parents=True, exist_ok=True)
    database = Database(state / "metadata.sqlite")
    blobs, buckets = Blobs(state / "blobs"), Buckets(database)
    outbox = Outbox(database, triggers, base_url)
    objects = Objects(database, buckets, blobs, outbox)
    service = Service(base_url, database, blobs, buckets, objects, Sessions(database, blobs), outbox)
    service.sweep()
    return service
