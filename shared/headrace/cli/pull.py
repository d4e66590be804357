"""`headrace pull`: what a SQL query returns, as data for a workload."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.status import Status

from headrace import catalogue, settings
from headrace.catalogue import Description, Pull
from headrace.cli.session import HERE, State, command, connect, console
from headrace.errors import Rejected


@command
def pull(
    workload: Annotated[str, typer.Argument(help="The workload the data is for.")],
    sql: Annotated[
        str,
        typer.Option(
            help="The database as a SQLAlchemy URL without password, such as postgresql://host:5432/shop; Supabase is "
            "PostgreSQL, with ?sslmode=require at the end. Without it, the workload's own `pull:` counts."
        ),
    ] = "",
    query: Annotated[str, typer.Option(help="One SELECT or WITH, with an ORDER BY.")] = "",
    query_file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A file with the query.")] = None,
    name: Annotated[str, typer.Option(help="How the uploads' names begin.")] = "pull",
    state: State = HERE,
) -> None:
    """Stream a query's result into the data bucket, where ingest makes it a dataset version.

    Who asks is in HEADRACE_SQL_USER and HEADRACE_SQL_PASSWORD. The same result again is the same dataset version.
    """
    from headrace import sql as source
    from headrace.sql.query import is_ordered

    platform = connect(state)
    description = catalogue.describe(workload)
    what = _asked(description, sql, query_file.read_text("utf-8") if query_file else query, name)
    if not is_ordered(what.query):
        console.print("the query has no ORDER BY: the same rows in another order are another dataset version")
    with console.status("asking the database") as status:
        found = source.pull(platform, description, what, settings.sql_credentials(), _progress(status))
    if found.new:
        console.print(f"{found.rows:,} rows are dataset version {found.dataset} in {found.uri}", soft_wrap=True)
    else:
        said = f"nothing is new: the {found.rows:,} rows are dataset version {found.dataset}, uploaded before"
        console.print(said, soft_wrap=True)


def _asked(workload: Description, sql: str, query: str, name: str) -> Pull:
    if sql and query:
        return Pull(sql=sql, query=query, name=name)
    if sql or query or workload.pull is None:
        raise Rejected("name the database with --sql and what to ask it with --query or --query-file")
    return workload.pull


def _progress(status: Status) -> Callable[[int], None]:
    begun = time.monotonic()

    def show(rows: int) -> None:
        status.update(f"{rows:,} rows, {rows / (time.monotonic() - begun):,.0f} a second")

    return show
