"""A folder in; the server's SQLite database, open and locked by this process, out."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


def open_database(folder: Path) -> sqlite3.Connection:
    """The database in `folder`, made when absent; OSError when another process has it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pubsub.sqlite3"
    db = sqlite3.connect(path, isolation_level=None, timeout=1.0)
    try:
        # A commit reaches the operating system, which outlives a killed process; only a power cut could undo it.
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL"):
            db.execute(f"PRAGMA {pragma}")
        db.executescript(_SCHEMA)
    except sqlite3.OperationalError as error:
        db.close()
        raise OSError(f"cannot open {path} ({error}); is another Pub/Sub server using this folder?") from error
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing of what is executed inside; joins the transaction that is already open."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
