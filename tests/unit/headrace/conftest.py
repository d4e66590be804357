import pytest

from tests.fakes import FakePlatform


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()
