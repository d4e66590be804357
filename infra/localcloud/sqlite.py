"""A file and a schema in; a SQLite connection whose commits outlive a killed process out."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def open_database(path: Path, schema: str) -> sqlite3.Connection:
    """The database at `path`, made when absent and locked by this process. Raises OSError when another has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, isolation_level=None, timeout=0)
    try:
        # A commit reaches the operating system, which outlives a killed process; only a power cut could undo it.
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            db.execute(f"PRAGMA {pragma}")
        db.executescript(f"BEGIN IMMEDIATE; {schema} COMMIT;")
    except sqlite3.OperationalError as error:
        db.close()
        raise OSError(f"cannot open {path} ({error}); is another server using this folder?") from error
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
