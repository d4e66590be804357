"""Jobs in; the same after a crash out (one SQLite file)."""

import json
from pathlib import Path
from typing import Any

from localcloud.scheduler.jobs import Job
from localcloud.sqlite import open_database


class Store:
    """The server's memory; every change is on disk before it is answered."""

    def __init__(self, path: Path) -> None:
        self._sql = open_database(path, "CREATE TABLE IF NOT EXISTS jobs (name TEXT PRIMARY KEY, body TEXT NOT NULL);")

    def close(self) -> None:
        """Close the file."""
        self._sql.close()

    def save(self, job: Job) -> None:
        """Keep or replace a job."""
        self._sql.execute("INSERT OR REPLACE INTO jobs VALUES (?, ?)", (job.name, json.dumps(dict(job.body))))

    def get(self, name: str) -> Job | None:
        """One job."""
        row = self._sql.execute("SELECT body FROM jobs WHERE name = ?", (name,)).fetchone()
        return Job(json.loads(row[0])) if row else None

    def jobs(self, parent: str = "") -> list[Job]:
        """The jobs of a location, or all, by name."""
        rows = self._sql.execute("SELECT body FROM jobs WHERE name GLOB ? || '*' ORDER BY name", (parent,))
        return [Job(json.loads(row[0])) for row in rows]

    def change(self, name: str, **body: Any) -> None:
        """Change values of a job as it is now; one that is gone stays gone."""
        if (job := self.get(name)) is not None:
            self.save(job.changed(**body))

    def remove(self, name: str) -> None:
        """Forget a job."""
        self._sql.execute("DELETE FROM jobs WHERE name = ?", (name,))
