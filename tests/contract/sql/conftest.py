"""One PostgreSQL for all tests that only read."""

from collections.abc import Iterator

import pytest

from tests.contract.sql import server
from tests.contract.sql.server import Postgres

LOANS = """
CREATE TABLE loans AS SELECT
    i AS id,
    (i % 1000) * 12.5::numeric(10, 2) AS amount,
    i / 7.0::float8 AS rate,
    i % 2 = 0 AS repaid,
    CASE WHEN i % 3 = 0 THEN NULL ELSE 'purpose ' || i END AS purpose,
    DATE '2024-01-01' + i % 365 AS issued,
    TIMESTAMPTZ '2024-03-31 00:30:00+00' + i * INTERVAL '1 minute' AS seen
FROM generate_series(1, {rows}) AS i
"""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with server.running() as running:
        running.run(LOANS.format(rows=1000), "CREATE ROLE reader LOGIN PASSWORD 'reads only'")
        running.run("GRANT SELECT ON loans TO reader", "ALTER ROLE reader SET timezone = 'Europe/Zurich'")
        yield running
