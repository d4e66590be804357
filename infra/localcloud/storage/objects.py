"""Finished blobs and metadata changes in; durable object generations out."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from localcloud.storage.attributes import merged
from localcloud.storage.blobs import Blobs
from localcloud.storage.buckets import Buckets
from localcloud.storage.database import Database
from localcloud.storage.errors import no_object
from localcloud.storage.outbox import Outbox
from localcloud.storage.preconditions import Preconditions
from localcloud.storage.records import Blob, StoredObject, timestamp

_LIVE = "SELECT * FROM objects WHERE bucket = ? AND name = ? AND deleted IS NULL"
_GENERATION = "SELECT * FROM objects WHERE bucket = ? AND name = ? AND generation = ?"
_SCAN = (
    "SELECT * FROM objects WHERE bucket = ? AND (name, generation) >= (?, ?) AND deleted IS NULL "
    "ORDER BY name, generation"
)
_SCAN_VERSIONS = "SELECT * FROM objects WHERE bucket = ? AND (name, generation) >= (?, ?) ORDER BY name, generation"


@dataclass(frozen=True, slots=True)
class Draft:
    """An object about to be: where, which bytes, and the user's attributes."""

    bucket: str
    name: str
    blob: Blob
    attributes: Mapping[str, Any]
    components: int | None = None


class Objects:
    """Every generation of every object. Each method is one transaction, or part of the caller's."""

    def __init__(self, database: Database, buckets: Buckets, blobs: Blobs, outbox: Outbox) -> None:
        self._database = database
        self._buckets = buckets
        self._blobs = blobs
        self._outbox = outbox
        self._last_generation: int = database.execute("SELECT coalesce(max(generation), 0) FROM objects").fetchone()[0]

    def next_generation(self) -> int:
        """Microseconds since 1970, never the same twice."""
        self._last_generation = max(self._last_generation + 1, time.time_ns() // 1000)
        return self._last_generation

    def find(self, bucket: str, name: str, generation: int | None = None) -> StoredObject | None:
        """The live generation, or the one asked for; None when there is none."""
        if generation is None:
            rows = self._database.execute(_LIVE, bucket, name)
        else:
            rows = self._database.execute(_GENERATION, bucket, name, generation)
        row = rows.fetchone()
        return _object(row) if row else None

    def get(self, bucket: str, name: str, generation: int | None = None) -> StoredObject:
        """As `find`, with 404 for a missing bucket or object."""
        found = self.find(bucket, name, generation)
        if found is None:
            self._buckets.get(bucket)
            raise no_object(bucket, name, generation)
        return found

    def scan(self, bucket: str, start: tuple[str, int], *, versions: bool) -> Iterator[StoredObject]:
        """Objects in order of name and generation from `start` on; live ones only unless `versions`."""
        yield from map(_object, self._database.execute(_SCAN_VERSIONS if versions else _SCAN, bucket, *start))

    def finalize(self, draft: Draft, preconditions: Preconditions) -> StoredObject:
        """Make the draft the live generation and leave its event in the outbox; 412 changes nothing."""
        with self._database.transaction():
            bucket = self._buckets.get(draft.bucket)
            before = self.find(draft.bucket, draft.name)
            preconditions.check(before)
            if before:
                self._retire(before)
            now = timestamp()
            attributes = {"storageClass": bucket.settings["storageClass"], **draft.attributes}
            key = (draft.bucket, draft.name, self.next_generation(), 1)
            created = StoredObject(*key, draft.blob, draft.components, now, now, None, attributes)
            self._insert(created)
            self._outbox.add(created)
        return created

    def change(self, found: StoredObject, attributes: Mapping[str, Any]) -> StoredObject:
        """The same generation with these attributes merged in and the next metageneration."""
        return self.replace_attributes(found, merged(found.attributes, attributes))

    def replace_attributes(self, found: StoredObject, attributes: Mapping[str, Any]) -> StoredObject:
        """The same generation with exactly these attributes and the next metageneration."""
        metageneration = found.metageneration + 1
        changed = replace(found, metageneration=metageneration, updated=timestamp(), attributes=attributes)
        self._database.execute(
            "UPDATE objects SET metageneration = ?, updated = ?, attributes = ? "
            "WHERE bucket = ? AND name = ? AND generation = ?",
            *(changed.metageneration, changed.updated, json.dumps(dict(changed.attributes))),
            *(changed.bucket, changed.name, changed.generation),
        )
        return changed

    def delete(self, found: StoredObject, *, for_good: bool = False) -> None:
        """Delete; in a versioned bucket the live generation becomes noncurrent unless `for_good`."""
        with self._database.transaction():
            if for_good:
                self._remove(found)
            else:
                self._retire(found)

    def _retire(self, found: StoredObject) -> None:
        if not self._buckets.get(found.bucket).versioned:
            self._remove(found)
            return
        key = (found.bucket, found.name, found.generation)
        update = "UPDATE objects SET deleted = ? WHERE bucket = ? AND name = ? AND generation = ?"
        self._database.execute(update, timestamp(), *key)

    def _remove(self, found: StoredObject) -> None:
        key = (found.bucket, found.name, found.generation)
        self._database.execute("DELETE FROM objects WHERE bucket = ? AND name = ? AND generation = ?", *key)
        self._database.after_commit(lambda: self._discard_unused(found.blob.id))

    def _discard_unused(self, blob_id: str) -> None:
        # Copies share their bytes.
        if not self._database.execute("SELECT 1 FROM objects WHERE blob = ? LIMIT 1", blob_id).fetchone():
            self._blobs.discard(blob_id)

    def _insert(self, new: StoredObject) -> None:
        blob = new.blob
        self._database.execute(
            "INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(new.bucket, new.name, new.generation, new.metageneration, blob.id, blob.size, blob.crc32c, blob.md5),
            *(new.components, new.created, new.updated, new.deleted, json.dumps(dict(new.attributes))),
        )


def _object(row: tuple[Any, ...]) -> StoredObject:
    *key, metageneration, blob, size, crc32c, md5, components, created, updated, deleted, attributes = row
    bucket, name, generation = key
    stored = Blob(blob, size, crc32c, md5)
    times = (created, updated, deleted)
    return StoredObject(bucket, name, generation, metageneration, stored, components, *times, json.loads(attributes))
