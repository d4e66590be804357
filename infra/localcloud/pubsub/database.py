"""A folder in; the server's SQLite database, open and locked by this process, out."""

import sqlite3
from pathlib import Path

from localcloud.sqlite import open_database

BLOCKED = 1 << 62
"""The due time of a message that waits for an earlier one with its ordering key."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS topics (name TEXT PRIMARY KEY, resource BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subscriptions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, resource BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, data BLOB NOT NULL, attributes TEXT NOT NULL, ordering_key TEXT NOT NULL
);
-- due: microsecond at which it may be delivered (again); NULL once acknowledged and retained.
-- holder: who holds the lease that ends at due; NULL when nobody does.
CREATE TABLE IF NOT EXISTS deliveries (
    subscription INTEGER NOT NULL, message INTEGER NOT NULL, ordering_key TEXT NOT NULL,
    due INTEGER, attempt INTEGER NOT NULL DEFAULT 0, holder INTEGER,
    PRIMARY KEY (subscription, message)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (subscription, due);
CREATE INDEX IF NOT EXISTS deliveries_message ON deliveries (message);
CREATE INDEX IF NOT EXISTS deliveries_key ON deliveries (subscription, ordering_key, message) WHERE ordering_key != '';
CREATE INDEX IF NOT EXISTS deliveries_late ON deliveries (subscription, due) WHERE attempt >= 5;
"""


def open_pubsub(folder: Path) -> sqlite3.Connection:
    """The server's database in `folder`."""
    return open_database(folder / "pubsub.sqlite3", _SCHEMA)
