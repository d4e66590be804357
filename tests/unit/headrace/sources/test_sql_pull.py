"""From a database to an upload that ingest makes a dataset version of."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from functions.ingest.main import ingest
from headrace import catalogue, sql
from headrace.bus.triggers import ObjectFinalized
from headrace.catalogue import Description, Pull
from headrace.errors import Exists, Rejected
from headrace.events import DatasetReady
from headrace.settings import Credentials
from headrace.sql.address import engine
from headrace.sql.rows import BATCH, opened
from tests.fakes import FakePlatform
from workloads.loan_default.generator import write_csv

W = "loan_default"
NOBODY = Credentials()
ALL = "SELECT * FROM loans ORDER BY rowid"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A database with a table of 50 loans."""
    write_csv(tmp_path / "loans.csv", 50, "2024-01")
    header, *lines = (tmp_path / "loans.csv").read_text().splitlines()
    names = header.split(",")
    with closing(sqlite3.connect(tmp_path / "loans.db")) as connection:
        connection.execute(f"CREATE TABLE loans ({', '.join(names)})")
        places = ", ".join("?" for _ in names)
        connection.executemany(f"INSERT INTO loans VALUES ({places})", [line.split(",") for line in lines])
        connection.commit()
        yield connection


def asked(tmp_path: Path, query: str = ALL, name: str = "pull") -> Pull:
    return Pull(sql=f"sqlite:///{tmp_path / 'loans.db'}", query=query, name=name)


def loans() -> Description:
    return catalogue.describe(W)


def taking(*endings: str) -> Description:
    """The workload, if it took these files."""
    return loans().model_copy(update={"data": loans().data.model_copy(update={"endings": endings})})


def dataset_of(platform: FakePlatform, uri: str) -> str:
    """The dataset version that ingest makes of an upload."""
    stat = platform.data.stat(uri.removeprefix(f"gs://{platform.data.bucket}/"))
    event = ObjectFinalized(bucket=platform.data.bucket, name=stat.name, generation=stat.generation, size=stat.size)
    (fact,) = ingest(event, platform)
    assert isinstance(fact, DatasetReady), fact
    return fact.dataset


@pytest.mark.usefixtures("database")
def test_a_result_is_uploaded_under_the_name_of_the_version_that_ingest_makes_of_it(
    platform: FakePlatform, tmp_path: Path
) -> None:
    found = sql.pull(platform, loans(), asked(tmp_path, name="january"), NOBODY)
    assert (found.rows, found.new) == (50, True)
    assert found.uri.startswith(f"gs://local-headrace-data/{W}/january-{found.dataset}.")
    assert dataset_of(platform, found.uri) == found.dataset
    assert ["traceparent" in stat.metadata for stat in platform.data.list("")] == [True]


@pytest.mark.usefixtures("database")
def test_the_same_result_again_is_not_uploaded_again(platform: FakePlatform, tmp_path: Path) -> None:
    first = sql.pull(platform, loans(), asked(tmp_path), NOBODY)
    before = list(platform.data.list(""))
    assert not sql.pull(platform, loans(), asked(tmp_path), NOBODY).new  # ingest has not looked at it yet
    dataset_of(platform, first.uri)
    again = sql.pull(platform, loans(), asked(tmp_path, name="other"), NOBODY)
    assert (again.dataset, again.new) == (first.dataset, False)
    assert list(platform.data.list("")) == before


def test_another_result_leaves_the_earlier_upload_as_it_is(
    platform: FakePlatform, database: sqlite3.Connection, tmp_path: Path
) -> None:
    first = sql.pull(platform, loans(), asked(tmp_path), NOBODY)
    database.execute("DELETE FROM loans WHERE rowid = 1")
    database.commit()
    second = sql.pull(platform, loans(), asked(tmp_path), NOBODY)
    assert second.new
    assert second.dataset != first.dataset
    assert len(platform.data.names(f"{W}/pull-")) == 2


@pytest.mark.usefixtures("database")
def test_of_two_that_pull_at_once_one_uploads(platform: FakePlatform, tmp_path: Path) -> None:
    def somebody_else(method: str, name: str) -> None:
        if method == "upload":
            platform.data.before = lambda *_: None
            with pytest.raises(Exists):
                platform.data.create(name, platform.data.read(name))

    first = sql.pull(platform, loans(), asked(tmp_path), NOBODY)
    platform.data.before = somebody_else
    assert not sql.pull(platform, loans(), asked(tmp_path), NOBODY).new
    assert len(platform.data.names()) == 1
    assert first.new


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("endings", "ending", "begins"),
    [((".csv", ".parquet"), ".parquet", b"PAR1"), ((".txt", ".csv"), ".csv", b"loan_amnt,")],
)
def test_a_workload_gets_parquet_where_it_takes_that_and_csv_where_not(
    endings: tuple[str, ...], ending: str, begins: bytes, platform: FakePlatform, tmp_path: Path
) -> None:
    what = asked(tmp_path, "SELECT loan_amnt, term FROM loans ORDER BY rowid")
    found = sql.pull(platform, taking(*endings), what, NOBODY)
    (name,) = platform.data.names()
    assert found.uri.endswith(name)
    assert name.endswith(ending)
    assert platform.data.read(name).startswith(begins)


@pytest.mark.usefixtures("database")
def test_a_workload_that_takes_no_table_is_refused(platform: FakePlatform, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match=r"takes \.png; a query gives \.parquet or \.csv"):
        sql.pull(platform, taking(".png"), asked(tmp_path), NOBODY)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("query", "name", "sentence"),
    [
        (f"{ALL} LIMIT 0", "pull", "returned no rows"),
        ("SELECT 1 AS a, 2 AS a", "pull", "two columns called 'a'"),
        ("SELECT * FROM houses", "pull", "the database refused the query: no such table: houses"),
        ("SELECT 'x' LIKE '%", "pull", "the database refused the query"),
        ("WITH x AS (SELECT 1) DELETE FROM loans", "pull", "the database refused the query: attempt to write"),
        ("DROP TABLE loans", "pull", "only SELECT and WITH"),
        (ALL, "a/b", "'a/b' is no name for an upload"),
        (ALL, "../x", "is no name for an upload"),
    ],
)
def test_what_gives_no_data_uploads_none(
    query: str, name: str, sentence: str, platform: FakePlatform, tmp_path: Path
) -> None:
    with pytest.raises(Rejected, match=sentence):
        sql.pull(platform, loans(), asked(tmp_path, query, name), NOBODY)
    assert platform.data.names() == ()


def test_rows_come_in_batches_and_are_counted(
    platform: FakePlatform, database: sqlite3.Connection, tmp_path: Path
) -> None:
    counted: list[int] = []
    query = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {2 * BATCH + 1}) SELECT i FROM n"
    found = sql.pull(platform, loans(), asked(tmp_path, query), NOBODY, counted.append)
    assert counted == [BATCH, 2 * BATCH, 2 * BATCH + 1]
    assert found.rows == counted[-1]


def test_a_percent_sign_and_a_colon_are_what_they_are(database: sqlite3.Connection, tmp_path: Path) -> None:
    with opened(engine(asked(tmp_path).sql, NOBODY), "SELECT '%s :x 100%' AS \"a%b\"") as found:
        assert tuple(found.names) == ("a%b",)
        assert [tuple(row) for batch in found.batches for row in batch] == [("%s :x 100%",)]
