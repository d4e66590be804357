"""Jobs, tasks, operations and undelivered notifications in; the same after a crash out (one SQLite file)."""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.cloud import batch_v1
from google.longrunning import operations_pb2

from localcloud.sqlite import open_database, transaction

REQUEST_ID_SECONDS = 3600

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    name TEXT PRIMARY KEY, parent TEXT NOT NULL, state INTEGER NOT NULL, created REAL NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tasks (
    job TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE, number INTEGER NOT NULL, state INTEGER NOT NULL,
    retries INTEGER NOT NULL DEFAULT 0, body BLOB NOT NULL, PRIMARY KEY (job, number));
CREATE TABLE IF NOT EXISTS requests (id TEXT PRIMARY KEY, job TEXT NOT NULL, created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS operations (name TEXT PRIMARY KEY, target TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, data BLOB NOT NULL, attributes TEXT NOT NULL,
    created REAL NOT NULL);
"""
_OF_ONE = "SELECT body FROM jobs WHERE parent = ? ORDER BY created DESC, name"
_OF_ALL = "SELECT body FROM jobs WHERE parent LIKE ? ORDER BY created DESC, name"
_UNFINISHED = "SELECT body FROM jobs WHERE state NOT IN (SELECT value FROM json_each(?)) ORDER BY created"


@dataclass(frozen=True, slots=True)
class StoredTask:
    """A task, and how often it was retried so far."""

    index: int
    retries: int
    task: Any

    @property
    def state(self) -> int:
        """The task's state, a `batch_v1.TaskStatus.State`."""
        return int(self.task.status.state)


@dataclass(frozen=True, slots=True)
class Message:
    """A notification that Pub/Sub has not accepted yet."""

    id: int
    topic: str
    data: bytes
    attributes: Mapping[str, str]
    created: float


class Store:
    """The server's memory; every change is on disk before it is answered."""

    def __init__(self, path: Path) -> None:
        self._sql = open_database(path, _SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._sql.close()

    def transaction(self) -> AbstractContextManager[None]:
        """All changes inside, or none; an inner transaction is part of the outer one."""
        return transaction(self._sql)

    def add_job(self, parent: str, job: Any, tasks: Sequence[Any], request_id: str) -> None:
        """Keep a new job and its tasks; the caller knows that the name is free."""
        now = time.time()
        with self.transaction():
            self._sql.execute(
                "INSERT INTO jobs VALUES (?, ?, ?, ?, ?)",
                (job.name, parent, int(job.status.state), now, batch_v1.Job.serialize(job)),
            )
            self._sql.executemany(
                "INSERT INTO tasks (job, number, state, body) VALUES (?, ?, ?, ?)",
                [
                    (job.name, index, int(task.status.state), batch_v1.Task.serialize(task))
                    for index, task in enumerate(tasks)
                ],
            )
            if request_id:
                self._sql.execute("INSERT OR REPLACE INTO requests VALUES (?, ?, ?)", (request_id, job.name, now))

    def requested(self, request_id: str) -> str | None:
        """The job that a CreateJob with this id made in the last hour."""
        since = time.time() - REQUEST_ID_SECONDS
        self._sql.execute("DELETE FROM requests WHERE created < ?", (since,))
        row = self._sql.execute("SELECT job FROM requests WHERE id = ?", (request_id,)).fetchone()
        return row[0] if row else None

    def job(self, name: str) -> Any | None:
        """The job, without counts and run duration."""
        row = self._sql.execute("SELECT body FROM jobs WHERE name = ?", (name,)).fetchone()
        return batch_v1.Job.deserialize(row[0]) if row else None

    def jobs(self, parent: str) -> list[Any]:
        """The jobs of a location, newest first; `-` stands for every location of the project."""
        if parent.endswith("/-"):
            rows = self._sql.execute(_OF_ALL, (f"{parent[:-1]}%",))
        else:
            rows = self._sql.execute(_OF_ONE, (parent,))
        return [batch_v1.Job.deserialize(row[0]) for row in rows]

    def unfinished(self, finished: Sequence[int]) -> list[Any]:
        """The jobs in none of the states `finished`, oldest first."""
        rows = self._sql.execute(_UNFINISHED, (json.dumps([int(state) for state in finished]),))
        return [batch_v1.Job.deserialize(row[0]) for row in rows]

    def save_job(self, job: Any) -> None:
        """Replace a job's body."""
        self._sql.execute(
            "UPDATE jobs SET state = ?, body = ? WHERE name = ?",
            (int(job.status.state), batch_v1.Job.serialize(job), job.name),
        )

    def remove_job(self, name: str) -> None:
        """Forget a job and its tasks; its name is free again."""
        with self.transaction():
            self._sql.execute("DELETE FROM requests WHERE job = ?", (name,))
            self._sql.execute("DELETE FROM jobs WHERE name = ?", (name,))

    def task(self, job: str, index: int) -> StoredTask | None:
        """One task."""
        query = "SELECT number, retries, body FROM tasks WHERE job = ? AND number = ?"
        row = self._sql.execute(query, (job, index)).fetchone()
        return _task(row) if row else None

    def tasks(self, job: str) -> list[StoredTask]:
        """The tasks of a job by index."""
        rows = self._sql.execute("SELECT number, retries, body FROM tasks WHERE job = ? ORDER BY number", (job,))
        return [_task(row) for row in rows]

    def counts(self, job: str) -> dict[int, int]:
        """How many tasks of a job are in each state."""
        return dict(self._sql.execute("SELECT state, COUNT(*) FROM tasks WHERE job = ? GROUP BY state", (job,)))

    def save_task(self, job: str, task: StoredTask) -> None:
        """Replace a task's body and retries."""
        self._sql.execute(
            "UPDATE tasks SET state = ?, retries = ?, body = ? WHERE job = ? AND number = ?",
            (task.state, task.retries, batch_v1.Task.serialize(task.task), job, task.index),
        )

    def save_operation(self, operation: Any, target: str) -> None:
        """Keep a long-running operation on the job `target`."""
        self._sql.execute(
            "INSERT OR REPLACE INTO operations VALUES (?, ?, ?)",
            (operation.name, target, operation.SerializeToString()),
        )

    def operation(self, name: str) -> Any | None:
        """One operation."""
        row = self._sql.execute("SELECT body FROM operations WHERE name = ?", (name,)).fetchone()
        return operations_pb2.Operation.FromString(row[0]) if row else None

    def operations_on(self, target: str) -> list[Any]:
        """The operations on a job."""
        rows = self._sql.execute("SELECT body FROM operations WHERE target = ?", (target,))
        return [operations_pb2.Operation.FromString(row[0]) for row in rows]

    def put_message(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        """Queue a notification."""
        self._sql.execute(
            "INSERT INTO outbox (topic, data, attributes, created) VALUES (?, ?, ?, ?)",
            (topic, data, json.dumps(dict(attributes)), time.time()),
        )

    def messages(self) -> list[Message]:
        """The oldest queued notifications, in order."""
        rows = self._sql.execute("SELECT id, topic, data, attributes, created FROM outbox ORDER BY id LIMIT 500")
        return [Message(id, topic, data, json.loads(attributes), at) for id, topic, data, attributes, at in rows]

    def drop_messages(self, messages: Sequence[Message]) -> None:
        """Forget notifications that were delivered."""
        self._sql.executemany("DELETE FROM outbox WHERE id = ?", [(message.id,) for message in messages])


def _task(row: tuple[int, int, bytes]) -> StoredTask:
    return StoredTask(row[0], row[1], batch_v1.Task.deserialize(row[2]))
