"""A file path in; one SQLite connection with the server's schema and joined transactions out."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from localcloud.sqlite import open_database, transaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS buckets (
    name TEXT PRIMARY KEY, project TEXT NOT NULL, generation INTEGER NOT NULL, metageneration INTEGER NOT NULL,
    created TEXT NOT NULL, updated TEXT NOT NULL, settings TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, name TEXT NOT NULL, generation INTEGER NOT NULL, metageneration INTEGER NOT NULL,
    blob TEXT NOT NULL, size INTEGER NOT NULL, crc32c TEXT NOT NULL, md5 TEXT, components INTEGER,
    created TEXT NOT NULL, updated TEXT NOT NULL, deleted TEXT, attributes TEXT NOT NULL,
    PRIMARY KEY (bucket, name, generation)
);
CREATE UNIQUE INDEX IF NOT EXISTS live_objects ON objects (bucket, name) WHERE deleted IS NULL;
CREATE INDEX IF NOT EXISTS objects_by_blob ON objects (blob);
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, started REAL NOT NULL, request TEXT NOT NULL, result TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, position INTEGER NOT NULL, subject TEXT NOT NULL, time TEXT NOT NULL,
    body TEXT NOT NULL, accepted REAL NOT NULL, attempts INTEGER NOT NULL, due REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS due_events ON events (bucket, position, due);
"""


class Database:
    """The server's only connection. Every call is short and made on the event loop: that serialises the writers."""

    def __init__(self, path: Path) -> None:
        self._connection = open_database(path, _SCHEMA)
        self._afterwards: list[Callable[[], None]] = []

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        """Run one statement."""
        return self._connection.execute(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; a transaction inside another is part of it."""
        outermost = not self._connection.in_transaction
        try:
            with transaction(self._connection):
                yield
        except BaseException:
            if outermost:
                self._afterwards.clear()
            raise
        if outermost:
            afterwards, self._afterwards = self._afterwards, []
            for call in afterwards:
                call()

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call when the current transaction is durable; never when it is rolled back."""
        self._afterwards.append(call)

    def close(self) -> None:
        """Fold the write-ahead log in and close."""
        self._connection.close()
