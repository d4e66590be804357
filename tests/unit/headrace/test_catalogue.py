import re
import sys
from importlib import import_module, resources

import pytest

from headrace import catalogue
from headrace.errors import BadData, Rejected, WorkloadFailed
from headrace.policy.promotion import Promotion


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


TEMPLATE = (resources.files("workloads") / "template" / "tabular" / "workload.yaml").read_text()


def test_the_template_shows_everything_that_a_policy_may_ask_for_and_all_of_it_is_valid() -> None:
    marked = TEMPLATE[TEMPLATE.index("  # What else") : TEMPLATE.index("\ndrift:")]
    asked = re.sub("(?m)^  # ", "  ", marked.split("\n", 1)[1])
    described = catalogue.parse("mine", TEMPLATE.replace(marked, asked))
    shown = {"ceilings", "slices", "fairness", "budgets", "max_age_days", "approval", "watch_hours", "watch_decay"}
    for name in shown:
        assert getattr(described.promotion, name) != getattr(Promotion(metric="accuracy"), name), name
    told = {"metric", "better", "floors", "min_gain", "confidence", "resamples", "max_parity"}
    assert shown | told == set(Promotion.model_fields)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("  min_gain: -1", "promotion.min_gain: input should be greater than or equal to 0, not -1"),
        ("  min_gian: 0", "promotion.min_gian: extra inputs are not permitted, not 0"),
        (
            "  slices: {plan: {min_rows: 9}}",
            "promotion.slices.plan asks for nothing: give it a floor, a ceiling or a max_loss",
        ),
        (
            "  approval: perhaps",
            "promotion.approval: input should be 'automatic' or 'manual', not 'perhaps'",
        ),
    ],
)
def test_a_description_that_is_wrong_is_told_where_and_how(line: str, said: str) -> None:
    wrong = re.sub("  min_gain: 0.0", line, TEMPLATE)
    with pytest.raises(Rejected) as rejected:
        catalogue.parse("mine", wrong)
    assert str(rejected.value) == f"workloads/mine/workload.yaml is not valid: {said}"


def test_a_description_that_lacks_something_is_told_what() -> None:
    with pytest.raises(Rejected, match=r"is not valid: title: field required; card\.licence: field required$"):
        catalogue.parse("mine", re.sub(r"(?m)^title: .*$|^  licence: .*$", "", TEMPLATE))
