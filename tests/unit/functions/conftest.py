import pytest

from tests.fakes import FakePlatform
from workloads.loan_default.generator import write_csv


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture(scope="session")
def loans(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A month of loans as CSV."""
    path = tmp_path_factory.mktemp("loans") / "loans.csv"
    write_csv(path, 50, "2024-01")
    return path.read_bytes()
