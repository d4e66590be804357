"""The pull job, installed with its own requirements and nothing else, runs to its end."""

import pytest

from tests.deploy.alone import Alone


@pytest.mark.slow
def test_the_pull_job_alone_imports_all_it_needs_and_has_nothing_to_do(alone: Alone) -> None:
    alone.install("services/pull")
    alone.run("-c", "import psycopg2, pyarrow.parquet")
    alone.run("-m", "services.pull.main")
