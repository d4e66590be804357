"""A database's address in; Optuna's tables in it, made by whoever comes first, out."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from headrace.errors import Unavailable

SCHEMA = "studies"
"""MLflow and Optuna both keep their version in a table `alembic_version`: in one database each needs its own."""
TRIES, PAUSE_SECONDS = 5, 0.5
LOCK_SECONDS = 30


def opened(url: str) -> RDBStorage:
    """Workers that start together may all want to make the tables; whom that trips up finds them made."""
    for _ in range(TRIES - 1):
        with suppress(SQLAlchemyError, StorageInternalError):
            return _storage(url)
        time.sleep(PAUSE_SECONDS)
    return _storage(url)


@contextmanager
def translated() -> Iterator[None]:
    """The boundary round Optuna's use of the database: what that raises becomes Unavailable."""
    try:
        yield
    except (SQLAlchemyError, StorageInternalError) as error:
        raise Unavailable(f"the database of trials failed: {error}") from error


def _storage(url: str) -> RDBStorage:
    sqlite = make_url(url).get_backend_name() == "sqlite"
    _run(url, "PRAGMA journal_mode = WAL" if sqlite else f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    options = {"timeout": LOCK_SECONDS} if sqlite else {"options": f"-csearch_path={SCHEMA}"}
    return RDBStorage(url, {"connect_args": options, "pool_pre_ping": True})


def _run(url: str, statement: str) -> None:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
