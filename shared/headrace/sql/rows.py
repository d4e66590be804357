"""An engine and a query in; the rows, read in a read-only transaction, a batch at a time, out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine
from sqlalchemy.exc import DBAPIError

from headrace.errors import Rejected, Unavailable

BATCH = 20_000
"""Rows in memory at once, and in a row group of Parquet: with another number, the same rows are another file."""

READ_ONLY = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}


@dataclass(frozen=True, slots=True)
class Rows:
    """The columns' names, and the rows in batches as the database sends them."""

    names: Sequence[str]
    batches: Iterator[Sequence[Sequence[Any]]]


@contextmanager
def opened(database: Engine, query: str) -> Iterator[Rows]:
    """The query's rows from a cursor at the server, where the database has those.

    Raises Unavailable when the database does not answer, Rejected when it refuses the query; also while reading.
    """
    with _connected(database) as connection:
        try:
            if database.dialect.name in READ_ONLY:
                connection.exec_driver_sql(READ_ONLY[database.dialect.name])
            # no_parameters: a % in the query is a % and no place for a value.
            streamed = connection.execution_options(stream_results=True, yield_per=BATCH, no_parameters=True)
            with _readable():
                result = streamed.exec_driver_sql(query)
            yield Rows(_unique(tuple(result.keys())), _batches(result))
        except DBAPIError as error:
            if error.connection_invalidated:
                raise _unavailable(database, error) from error
            raise Rejected(f"the database refused the query: {_said(error)}") from error


def _connected(database: Engine) -> Connection:
    try:
        return database.connect()
    except DBAPIError as error:
        raise _unavailable(database, error) from error


def _unavailable(database: Engine, error: DBAPIError) -> Unavailable:
    return Unavailable(f"{database.url.render_as_string(hide_password=True)} did not answer: {_said(error)}")


def _said(error: DBAPIError) -> str:
    """What the database said, without the lines of the query that it quotes."""
    return str(error.orig).strip().partition("\n")[0]


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (ValueError, OverflowError) as error:  # of the driver: Python's years are 1 to 9999, for example
        raise Rejected(f"the query returns a value that cannot be read ({error}); CAST it in the query") from error


def _batches(result: CursorResult[Any]) -> Iterator[Sequence[Sequence[Any]]]:
    batches = result.partitions(BATCH)
    while True:
        with _readable():
            batch = next(batches, None)
        if batch is None:
            return
        yield batch


def _unique(names: Sequence[str]) -> Sequence[str]:
    for name in names:
        if names.count(name) > 1:
            raise Rejected(f"the query returns two columns called {name!r}; rename one with AS")
    return names
