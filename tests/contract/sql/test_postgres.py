"""Pulling from a real PostgreSQL."""

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headrace import catalogue, sql
from headrace.catalogue import Description, Pull
from headrace.errors import Rejected, Unavailable
from headrace.settings import Credentials
from headrace.sql.address import engine
from headrace.sql.rows import opened
from tests.contract.sql.conftest import LOANS
from tests.contract.sql.server import OWNER, PASSWORD, Postgres
from tests.fakes import FakePlatform

OWNS, READS = Credentials(OWNER, PASSWORD), Credentials("reader", "reads only")
ALL = "SELECT * FROM loans ORDER BY id"
MIB = 1 << 20


def tables() -> Description:
    """A workload that takes Parquet."""
    loans = catalogue.describe("loan_default")
    return loans.model_copy(update={"data": loans.data.model_copy(update={"endings": (".parquet",)})})


def pulled(postgres: Postgres, who: Credentials, query: str, folder: Path) -> pa.Table:
    """What a pull of the query uploads."""
    platform = FakePlatform()
    found = sql.pull(platform, tables(), Pull(sql=postgres.url, query=query), who)
    platform.data.download(found.uri.removeprefix("gs://local-headrace-data/"), folder / "x.parquet")
    return pq.read_table(folder / "x.parquet")


def first(postgres: Postgres, query: str, who: Credentials = OWNS) -> object:
    """The first value that a query returns."""
    with opened(engine(postgres.url, who), query) as found:
        return next(found.batches)[0][0]


def test_a_table_is_pulled_with_its_types(postgres: Postgres, tmp_path: Path) -> None:
    table = pulled(postgres, READS, ALL, tmp_path)
    assert table.num_rows == 1000
    assert {field.name: str(field.type) for field in table.schema} == {
        "id": "int64",
        "amount": "decimal128(7, 2)",
        "rate": "double",
        "repaid": "bool",
        "purpose": "string",
        "issued": "date32[day]",
        "seen": "timestamp[us, tz=UTC]",
    }
    assert table.slice(2, 1).to_pylist() == [
        {
            "id": 3,
            "amount": Decimal("37.50"),
            "rate": 3 / 7,
            "repaid": False,
            "purpose": None,
            "issued": date(2024, 1, 4),
            "seen": datetime(2024, 3, 31, 0, 33, tzinfo=UTC),
        }
    ]


def test_whoever_asks_and_in_whatever_time_zone_the_bytes_are_the_same(postgres: Postgres, tmp_path: Path) -> None:
    files = []
    for number, who in enumerate((OWNS, READS, OWNS)):
        (tmp_path / str(number)).mkdir()
        pulled(postgres, who, ALL, tmp_path / str(number))
        files.append((tmp_path / str(number) / "x.parquet").read_bytes())
    assert files[0] == files[1] == files[2]


def test_the_rows_stay_at_the_server_until_they_are_read(postgres: Postgres) -> None:
    assert first(postgres, "SELECT count(*) FROM pg_cursors") == 1


def test_the_transaction_only_reads(postgres: Postgres) -> None:
    assert first(postgres, "SELECT current_setting('transaction_read_only')") == "on"


@pytest.mark.parametrize(
    "query",
    [
        "WITH gone AS (DELETE FROM loans RETURNING *) SELECT * FROM gone",
        "SELECT setval('counter', 7)",
        "SELECT * INTO copied FROM loans",
        "SELECT spoil()",
    ],
)
def test_a_query_that_would_write_is_refused_by_the_database(query: str, postgres: Postgres) -> None:
    postgres.run(
        "CREATE SEQUENCE IF NOT EXISTS counter",
        "CREATE OR REPLACE FUNCTION spoil() RETURNS int LANGUAGE sql AS 'DELETE FROM loans; SELECT 1'",
    )
    with pytest.raises(Rejected, match="the database refused the query"):
        first(postgres, query)
    assert first(postgres, "SELECT count(*) FROM loans") == 1000


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("SELECT * FROM houses", 'refused the query: relation "houses" does not exist$'),
        ("SELECT 1 / (id - 500) FROM loans", "refused the query: division by zero$"),
        ("SELECT * FROM pg_authid", "refused the query: permission denied for table pg_authid$"),
        ("SELECT DATE '0100-01-01 BC'", "a value that cannot be read"),
    ],
)
def test_what_the_database_says_is_passed_on_in_a_line(query: str, sentence: str, postgres: Postgres) -> None:
    with pytest.raises(Rejected, match=sentence):
        first(postgres, query, READS)


@pytest.mark.parametrize("who", [Credentials("reader", "guessed-word"), Credentials("nobody", "guessed-word")])
def test_whoever_cannot_prove_who_they_are_gets_nothing_and_their_password_is_not_shown(
    who: Credentials, postgres: Postgres
) -> None:
    with pytest.raises(Unavailable, match="password authentication failed") as refused:
        first(postgres, "SELECT 1", who)
    assert "guessed-word" not in str(refused.value)


def test_a_database_that_goes_away_while_it_is_asked_is_unavailable(postgres: Postgres) -> None:
    with pytest.raises(Unavailable, match=r"did not answer: (server closed|terminating connection)"):
        first(postgres, "SELECT pg_terminate_backend(pg_backend_pid())")


def test_a_database_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9/postgres did not answer"):
        first(Postgres(9), "SELECT 1")


PEAK = """
import resource, sys
from headrace.settings import Credentials
from headrace.sql import pulling
from tests.contract.sql.server import OWNER, PASSWORD
from tests.contract.sql.test_postgres import tables
from headrace.catalogue import Pull
from tests.fakes import FakePlatform
platform = FakePlatform()
platform.data.upload = lambda *_, **__: None
what = Pull(sql=sys.argv[1], query=sys.argv[2])
assert pulling.pull(platform, tables(), what, Credentials(OWNER, PASSWORD)).rows == int(sys.argv[3])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


@pytest.mark.slow
def test_a_million_rows_take_no_more_memory_than_fifty_thousand(postgres: Postgres) -> None:
    many = LOANS.format(rows=1_000_000).replace("loans", "many_loans")
    postgres.run(many)
    peaks = []
    for rows in (50_000, 1_000_000):
        query = f"SELECT * FROM many_loans WHERE id <= {rows} ORDER BY id"
        command = [sys.executable, "-c", PEAK, postgres.url, query, str(rows)]
        peaks.append(int(subprocess.check_output(command)))
    print(f"peaks of {peaks[0] / MIB:.0f} and {peaks[1] / MIB:.0f} MiB")
    assert peaks[1] - peaks[0] < 40 * MIB
