"""What may be asked of a database, and of which."""

from pathlib import Path

import pytest

from headrace import settings
from headrace.errors import Rejected
from headrace.settings import Credentials
from headrace.sql.address import engine
from headrace.sql.query import checked, is_ordered

NOBODY = Credentials()
ANA = Credentials("ana", "correct horse")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1",
        "  select 1 ;\n",
        "with x as (select 1) select * from x",
        "-- the loans\nSELECT 1",
        "/* the\nloans */ SELECT 1",
        "(SELECT 1) UNION (SELECT 2)",
    ],
)
def test_a_statement_that_reads_is_let_through(query: str) -> None:
    assert checked(query) == query.strip().rstrip(";").rstrip()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "begins with 'nothing'"),
        (";", "begins with 'nothing'"),
        ("DELETE FROM loans", "begins with 'DELETE'"),
        ("-- SELECT\nDROP TABLE loans", "begins with 'DROP'"),
        ("/* SELECT */ update loans set x = 1", "begins with 'update'"),
        ("selected", "begins with 'selected'"),
        ("EXPLAIN ANALYZE SELECT 1", "begins with 'EXPLAIN'"),
        ("SELECT 1; COMMIT; DROP TABLE loans", "a semicolon before its end"),
        ("SELECT E'\\''; DROP TABLE loans --'", "a semicolon before its end"),
    ],
)
def test_any_other_statement_is_refused(query: str, sentence: str) -> None:
    with pytest.raises(Rejected, match=sentence):
        checked(query)


def test_whether_the_rows_come_in_an_order_is_known() -> None:
    assert is_ordered("SELECT * FROM loans\nORDER\n  BY id")
    assert not is_ordered("SELECT border, bystander FROM loans")


@pytest.mark.parametrize(
    "sql",
    [
        "postgresql://ana:secret-word@db.example.com/shop",
        "postgresql://ana:@db.example.com/shop",
        "postgresql://db.example.com/shop?user=ana&password=secret-word",
        "mysql+pymysql://db.example.com/shop?Passwd=secret-word",
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(sql: str) -> None:
    with pytest.raises(Rejected, match="carries a password, which shells and logs keep") as refused:
        engine(sql, NOBODY)
    assert "HEADRACE_SQL_PASSWORD" in str(refused.value)
    assert "secret-word" not in str(refused.value)


@pytest.mark.parametrize("sql", ["", "loans.db", "ana:secret-word@db.example.com", "postgresql://h:secret-word/shop"])
def test_what_is_no_address_is_refused_and_not_repeated(sql: str) -> None:
    with pytest.raises(Rejected, match="an address is such as postgresql://") as refused:
        engine(sql, NOBODY)
    assert "secret-word" not in str(refused.value)


def test_a_database_that_sqlalchemy_does_not_know_is_refused() -> None:
    with pytest.raises(Rejected, match="no dialect 'clipper'"):
        engine("clipper://db.example.com/shop", NOBODY)


def test_a_driver_that_is_not_installed_is_named() -> None:
    with pytest.raises(Rejected, match="needs the package 'pg8000'"):
        engine("postgresql+pg8000://db.example.com/shop", NOBODY)


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="there is no file"):
        engine(f"sqlite:///{tmp_path / 'loans.db'}", NOBODY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_whoever_the_environment_names_asks_the_database(scheme: str) -> None:
    url = engine(f"{scheme}://db.example.com/shop?sslmode=require", ANA).url
    assert (url.drivername, url.username, url.password) == ("postgresql+psycopg2", "ana", "correct horse")
    assert dict(url.query) == {"sslmode": "require"}


def test_a_user_in_the_address_comes_before_the_environments() -> None:
    assert engine("postgresql://bo@db.example.com/shop", ANA).url.username == "bo"


def test_credentials_come_from_the_environment_and_are_never_shown() -> None:
    environ = {"HEADRACE_SQL_USER": "ana", "HEADRACE_SQL_PASSWORD": "correct horse", "PGPASSWORD": "other"}
    assert settings.sql_credentials(environ) == ANA
    assert settings.sql_credentials({}) == NOBODY
    assert "correct horse" not in repr(ANA) + str(engine("postgresql://db.example.com/shop", ANA))
    assert settings.sql_credentials(ANA.environment()) == ANA
    assert NOBODY.environment() == {}
