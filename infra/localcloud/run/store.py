"""Jobs, executions, tasks and operations in; the same after a crash out (one SQLite file)."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from google.cloud import run_v2
from google.longrunning import operations_pb2

from localcloud.sqlite import open_database, transaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS resources (
    name TEXT PRIMARY KEY, kind TEXT NOT NULL, parent TEXT NOT NULL, number INTEGER NOT NULL, done INTEGER NOT NULL,
    body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS children ON resources (kind, parent, number);
"""
_KINDS = {"job": run_v2.Job, "execution": run_v2.Execution, "task": run_v2.Task}


class Store:
    """The server's memory; every change is on disk before it is answered. Kinds: job, execution, task, operation."""

    def __init__(self, path: Path) -> None:
        self._sql = open_database(path, _SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._sql.close()

    def transaction(self) -> AbstractContextManager[None]:
        """All changes inside, or none; an inner transaction is part of the outer one."""
        return transaction(self._sql)

    def save(self, kind: str, parent: str, message: Any, number: int = 0, done: bool = False) -> None:
        """Keep or replace a resource; children of a parent are listed by `number`, then by age."""
        self._sql.execute(
            "INSERT INTO resources VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET body = excluded.body, done = excluded.done",
            (message.name, kind, parent, number, done, _written(message)),
        )

    def get(self, kind: str, name: str) -> Any | None:
        """One resource."""
        row = self._sql.execute("SELECT body FROM resources WHERE kind = ? AND name = ?", (kind, name)).fetchone()
        return _read(kind, row[0]) if row else None

    def children(self, kind: str, parent: str) -> list[Any]:
        """The resources of a kind under a parent, in order."""
        query = "SELECT body FROM resources WHERE kind = ? AND parent = ? ORDER BY number, rowid"
        return [_read(kind, row[0]) for row in self._sql.execute(query, (kind, parent))]

    def unfinished(self, kind: str) -> list[Any]:
        """The resources of a kind that are not done, oldest first."""
        query = "SELECT body FROM resources WHERE kind = ? AND NOT done ORDER BY rowid"
        return [_read(kind, row[0]) for row in self._sql.execute(query, (kind,))]

    def remove(self, names: Sequence[str]) -> None:
        """Forget resources, and what is under them."""
        for name in names:
            self._sql.execute("DELETE FROM resources WHERE name = ? OR name GLOB ? || '/*'", (name, name))


def _written(message: Any) -> bytes:
    if isinstance(message, operations_pb2.Operation):
        return bytes(message.SerializeToString())
    return bytes(type(message).serialize(message))


def _read(kind: str, body: bytes) -> Any:
    return operations_pb2.Operation.FromString(body) if kind == "operation" else _KINDS[kind].deserialize(body)
