"""The table of the emulator's differences names real tests."""

import re
from pathlib import Path

import pytest


def test_every_difference_names_a_test_of_the_suite(request: pytest.FixtureRequest) -> None:
    conftest = Path(__file__).with_name("conftest.py").read_text()
    listed = set(re.findall(r'^    "(test_\w+)": ', conftest, re.MULTILINE))
    files = Path(__file__).parent.glob("test_*.py")
    written = {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)}
    assert listed
    assert listed <= written
