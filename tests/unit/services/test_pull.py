"""The scheduled pull of every workload that has a query."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from headrace import catalogue, loading
from headrace.catalogue import Description, Pull
from services.pull.main import pull
from tests.fakes import FakePlatform

W = "loan_default"


def asking(database: Path, query: str) -> Description:
    """The loans, with a query."""
    what = Pull(sql=f"sqlite:///{database}", query=query)
    return catalogue.describe(W).model_copy(update={"pull": what})


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS a UNION SELECT 2")
    return path


def test_a_workload_without_a_query_has_nothing_pulled() -> None:
    platform = FakePlatform()
    assert pull([catalogue.describe(name) for name in loading.names()], platform) == 0
    assert platform.data.names() == ()


def test_every_run_with_a_new_result_uploads_it_and_no_other_does(database: Path) -> None:
    platform = FakePlatform()
    workload = asking(database, "SELECT a FROM t ORDER BY a")
    assert pull([workload], platform) == pull([workload], platform) == 0
    assert len(platform.data.names(f"{W}/")) == 1
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("INSERT INTO t VALUES (3)")
        connection.commit()
    assert pull([workload], platform) == 0
    assert len(platform.data.names(f"{W}/")) == 2


def test_a_query_that_fails_fails_the_run_and_stops_no_other(database: Path, caplog: pytest.LogCaptureFixture) -> None:
    platform = FakePlatform()
    bad, good = asking(database, "SELECT * FROM houses ORDER BY a"), asking(database, "SELECT a FROM t ORDER BY a")
    assert pull([bad, good], platform) == 1
    assert len(platform.data.names(f"{W}/")) == 1
    assert "no such table: houses" in caplog.text


def test_a_query_without_an_order_is_pulled_with_a_warning(database: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert pull([asking(database, "SELECT a FROM t")], FakePlatform()) == 0
    assert "has no ORDER BY" in caplog.text
