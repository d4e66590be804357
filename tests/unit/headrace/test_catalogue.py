import sys
from importlib import import_module

import pytest

from headrace import catalogue
from headrace.errors import BadData, WorkloadFailed


def test_the_templates_are_no_workloads() -> None:
    assert "loan_default" in catalogue.names()
    assert "template" not in catalogue.names()


@pytest.mark.parametrize(("library", "extras"), [("torch", "networks,vision"), ("sklearn", "tabular")])
def test_a_library_that_is_not_installed_is_named_with_the_command_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, library: str, extras: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(WorkloadFailed) as failed, catalogue.user_code("my_model", "training"):
        import_module(library)
    assert f"workload my_model needs {library}" in str(failed.value)
    assert f'pip install --constraint constraints.txt -e ".[{extras}]"' in str(failed.value)


def test_a_module_that_no_extra_brings_is_the_workloads_own_failure() -> None:
    with (
        pytest.raises(WorkloadFailed, match="failed while training: ModuleNotFoundError"),
        catalogue.user_code("my_model", "training"),
    ):
        import_module("workloads.loan_default.no_such_module")


def test_what_is_said_of_the_data_goes_through_as_it_is() -> None:
    with pytest.raises(BadData, match="the column is empty"), catalogue.user_code("my_model", "preparing"):
        raise BadData("the column is empty")
