"""Trials in PostgreSQL: in one database with MLflow, and made by workers that all start at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from sqlalchemy import create_engine, text

from headrace.adapters.studies import Study
from headrace.options.search import Search
from tests.contract.sql.server import OWNER, PASSWORD, Postgres

SEARCH = Search.model_validate({"candidate": "xgboost", "space": {"depth": {"int": [2, 6]}}, "trials": 10})
REVISION = "1b5f0d9ad7c1"


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    """A database in which MLflow has its tables, of which one is called as one of Optuna's."""
    postgres.run(
        "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
        f"INSERT INTO alembic_version VALUES ('{REVISION}')",
    )
    yield f"postgresql+psycopg2://{OWNER}:{quote(PASSWORD)}@127.0.0.1:{postgres.port}/postgres"
    postgres.run("DROP SCHEMA studies CASCADE", "DROP TABLE alembic_version")


def test_workers_that_all_start_at_once_share_a_study_beside_mlflows_tables(url: str) -> None:
    def work(worker: int) -> None:
        study = Study(url, "loan-default-tuned-1", SEARCH, worker)
        while (standing := study.standing()).finished + standing.running < SEARCH.trials:
            if trial := study.take():
                with trial.alive():
                    trial.report(1, 0.5)
                    trial.complete(0.5)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))
    assert Study(url, "loan-default-tuned-1", SEARCH, 9).standing().finished == SEARCH.trials
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM public.alembic_version")).scalars().all() == [REVISION]
    engine.dispose()


def test_a_worker_that_gives_no_sign_of_life_is_seen_by_the_others(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (Study(url, "loan-default-tuned-2", SEARCH, worker) for worker in (0, 1))
    trial = one.take()
    assert trial is not None
    assert other.standing().running == 1
    monkeypatch.setattr("headrace.adapters.studies.LOST_SECONDS", 0.0)
    assert other.standing().running == 0
    assert trial.complete(0.5) == "failed"
