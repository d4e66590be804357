"""`headrace pull`, `headrace dataset` and `headrace connect`, given what they cannot use."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from headrace.catalogue import Pull
from headrace.cli.main import app
from headrace.settings import Settings

NOWHERE = Settings(
    project="local-headrace", region="r", mlflow_url="http://127.0.0.1:9", storage_endpoint="http://127.0.0.1:9"
).environment()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("pull", "loans"), "no workload named 'loans'"),
        (("pull", "loan_default"), "name the database with --sql"),
        (("pull", "loan_default", "--sql", "sqlite:///x.db"), "name the database with --sql"),
        (("pull", "loan_default", "--query", "SELECT 1"), "name the database with --sql"),
        (
            ("pull", "loan_default", "--sql", "postgresql://a:secret-word@h/d", "--query", "SELECT 1"),
            "set HEADRACE_SQL_PASSWORD",
        ),
        (("pull", "loan_default", "--sql", "sqlite://", "--query", "DROP TABLE x"), "only SELECT and WITH"),
        (("pull", "loan_default", "--sql", "sqlite://", "--query-file", "/no/such/file"), "does not exist"),
        (("dataset", "pull", "loans"), "no workload named 'loans'"),
        (("dataset", "push", "/no/such/file.dvc", "--workload", "loan_default"), "does not exist"),
        (("dataset", "push", __file__, "--workload", "loans"), "no workload named 'loans'"),
        (("dataset", "push", __file__, "--workload", "loan_default"), "does not track one file or folder"),
        (("connect", "loans"), "no workload named 'loans'"),
    ],
)
def test_a_wrong_word_is_answered_with_a_sentence(words: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [*words, "--state", str(tmp_path)], env={**NOWHERE, "COLUMNS": "200"})
    assert done.exit_code in (1, 2), done.output
    assert sentence in " ".join(done.output.split())
    assert "secret-word" not in done.output


def test_a_query_without_an_order_is_remarked_on(tmp_path: Path) -> None:
    asked = ["pull", "loan_default", "--sql", "sqlite://", "--query", "SELECT 1 WHERE 0", "--state", str(tmp_path)]
    done = CliRunner().invoke(app, asked, env=NOWHERE)
    assert "the query has no ORDER BY" in done.output
    assert "returned no rows" in done.output


def test_a_workload_says_its_query_in_a_block_that_has_no_room_for_a_password() -> None:
    said = {"sql": "postgresql://db.example.com/shop", "query": "SELECT * FROM loans ORDER BY id"}
    assert Pull.model_validate(said).name == "pull"
    with pytest.raises(ValidationError, match="password"):
        Pull.model_validate({**said, "password": "x"})
