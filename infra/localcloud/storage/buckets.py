"""Bucket names and settings in; durable buckets out."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localcloud.storage.database import Database
from localcloud.storage.errors import conflict, no_bucket
from localcloud.storage.names import bucket_name
from localcloud.storage.records import Bucket, timestamp


class Buckets:
    """Every bucket of the server; names are global, as in the service."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: object, project: str, generation: int, settings: Mapping[str, Any]) -> Bucket:
        """A new, empty bucket; 409 when the name is taken."""
        now = timestamp()
        bucket = Bucket(bucket_name(name), project, generation, 1, now, now, settings)
        if self.find(bucket.name):
            raise conflict(f"the bucket {bucket.name!r} exists already; choose another name or use it")
        self._save(bucket)
        return bucket

    def find(self, name: str) -> Bucket | None:
        """The bucket, or None."""
        row = self._database.execute("SELECT * FROM buckets WHERE name = ?", name).fetchone()
        return _bucket(row) if row else None

    def get(self, name: str) -> Bucket:
        """The bucket; 404 when there is none."""
        bucket = self.find(name)
        if bucket is None:
            raise no_bucket(name)
        return bucket

    def page(self, project: str, prefix: str, start: str, limit: int) -> list[Bucket]:
        """Up to `limit` buckets of a project in order of name, from the name `start` on."""
        query = "SELECT * FROM buckets WHERE project = ? AND name >= ? ORDER BY name"
        buckets: list[Bucket] = []
        for row in self._database.execute(query, project, max(prefix, start)):
            if len(buckets) == limit or not row[0].startswith(prefix):
                break
            buckets.append(_bucket(row))
        return buckets

    def change(self, bucket: Bucket, settings: Mapping[str, Any]) -> Bucket:
        """The bucket with other settings and the next metageneration."""
        metageneration = bucket.metageneration + 1
        changed = replace(bucket, settings=settings, metageneration=metageneration, updated=timestamp())
        self._save(changed)
        return changed

    def delete(self, bucket: Bucket) -> None:
        """Remove an empty bucket and its unfinished uploads; 409 while it holds any generation of any object."""
        if self._database.execute("SELECT 1 FROM objects WHERE bucket = ? LIMIT 1", bucket.name).fetchone():
            raise conflict(f"the bucket {bucket.name!r} is not empty; delete its objects first")
        with self._database.transaction():
            self._database.execute("DELETE FROM uploads WHERE bucket = ?", bucket.name)
            self._database.execute("DELETE FROM buckets WHERE name = ?", bucket.name)

    def _save(self, bucket: Bucket) -> None:
        values = (bucket.name, bucket.project, bucket.generation, bucket.metageneration, bucket.created, bucket.updated)
        settings = json.dumps(dict(bucket.settings))
        self._database.execute("INSERT OR REPLACE INTO buckets VALUES (?, ?, ?, ?, ?, ?, ?)", *values, settings)


def _bucket(row: tuple[Any, ...]) -> Bucket:
    name, project, generation, metageneration, created, updated, settings = row
    return Bucket(name, project, generation, metageneration, created, updated, json.loads(settings))
