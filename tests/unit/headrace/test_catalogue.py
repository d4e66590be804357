import re
import sys
from importlib import import_module, resources

import pytest

from headrace import catalogue, loading
from headrace.errors import BadData, Rejected, WorkloadFailed
from headrace.policy.promotion import Promotion


def test_the_templates_are_no_workloads() -> None:
    assert "loan_default" in loading.names()
    assert "template" not in loading.names()


@pytest.mark.parametrize(("library", "extras"), [("torch", "networks,vision"), ("sklearn", "tabular")])
def test_a_library_that_is_not_installed_is_named_with_the_command_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, library: str, extras: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(WorkloadFailed) as failed, loading.user_code("my_model", "training"):
        import_module(library)
    assert f"workload my_model needs {library}" in str(failed.value)
    assert f'pip install --constraint constraints.txt -e ".[{extras}]"' in str(failed.value)


def test_a_module_that_no_extra_brings_is_the_workloads_own_failure() -> None:
    with (
        pytest.raises(WorkloadFailed, match="failed while training: ModuleNotFoundError"),
        loading.user_code("my_model", "training"),
    ):
        import_module("workloads.loan_default.no_such_module")


def test_what_is_said_of_the_data_goes_through_as_it_is() -> None:
    with pytest.raises(BadData, match="the column is empty"), loading.user_code("my_model", "preparing"):
        raise BadData("the column is empty")


TEMPLATE = (resources.files("workloads") / "template" / "tabular" / "workload.yaml").read_text()


def test_the_template_shows_everything_that_a_policy_may_ask_for_and_all_of_it_is_valid() -> None:
    marked = TEMPLATE[TEMPLATE.index("  # What else") : TEMPLATE.index("\ndrift:")]
    asked = re.sub("(?m)^  # ", "  ", marked.split("\n", 1)[1])
    described = catalogue.parse("mine", TEMPLATE.replace(marked, asked))
    watched = {"watch_hours", "watch_errors", "watch_decay"}
    shown = {"ceilings", "slices", "fairness", "budgets", "max_age_days", "approval", *watched}
    for name in shown:
        assert getattr(described.promotion, name) != getattr(Promotion(metric="accuracy"), name), name
    told = {"metric", "better", "floors", "min_gain", "confidence", "resamples", "max_parity"}
    assert shown | told == set(Promotion.model_fields)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("min_gain: -1", "promotion.min_gain is -1; it should be greater than or equal to 0"),
        ("min_gain: yes", "promotion.min_gain is True; it should be a valid number"),
        ("min_gian: 0", "promotion.min_gian is not known; did you mean min_gain?"),
        ("budgets: {memory: 5}", "promotion.budgets.memory is not known; there are batch_ms, row_ms, size_mib"),
        ("slices: {plan: {maxloss: 1}}", "promotion.slices.plan.maxloss is not known; did you mean max_loss?"),
        (
            "slices: {plan: {min_rows: 9}}",
            "promotion.slices.plan: it asks for nothing; give it a floor, a ceiling or a max_loss",
        ),
        (
            "slices: {plan: {metric: f1, max_loss: 0.1}}",
            "promotion.slices.plan: a max_loss of f1 needs to know what is better; say better: higher or lower",
        ),
        ("slices: [plan]", "promotion.slices is ['plan']; it should be keys with values"),
        (
            "fairness: {region: {demographic_parity: 0}}",
            "promotion.fairness.region.demographic_parity is 0; it should be greater than 0",
        ),
        ("fairness: {region: 0.1}", "promotion.fairness.region is 0.1; it should be keys with values"),
        ("ceilings: {ece: .nan}", "promotion.ceilings.ece is nan; it should be a finite number"),
        ("ceilings: {accuracy: small}", "promotion.ceilings.accuracy is 'small'; it should be a valid number"),
        (
            "ceilings: {skill: 0}",
            "promotion: nothing is between the floor 0.01 and the ceiling 0 of skill",
        ),
        ("budgets: {row_ms: 5ms}", "promotion.budgets.row_ms is '5ms'; it should be a valid number"),
        ("approval: perhaps", "promotion.approval is 'perhaps'; it should be 'automatic' or 'manual'"),
        ("watch_errors: 5", "promotion.watch_errors is 5; it should be less than 1"),
        ("max_age_days: 0", "promotion.max_age_days is 0; it should be greater than 0"),
        ("metric: f1", "line 31: the key 'metric' is there a second time"),
        ("budgets: {row_ms: 5", "line 32: expected ',' or '}', but got ':'"),
    ],
)
def test_a_description_that_is_wrong_is_told_where_and_how(line: str, said: str) -> None:
    wrong = TEMPLATE.replace("  min_gain: 0.0", f"  {line}")
    with pytest.raises(Rejected) as rejected:
        catalogue.parse("mine", wrong)
    assert str(rejected.value) == f"workloads/mine/workload.yaml is not valid: {said}"


def test_a_description_that_lacks_something_is_told_what_all_at_once() -> None:
    with pytest.raises(Rejected, match=r"is not valid: title is missing; card\.licence is missing$"):
        catalogue.parse("mine", re.sub(r"(?m)^title: .*$|^  licence: .*$", "", TEMPLATE))


@pytest.mark.parametrize("text", ["", "my model", "- a\n- b\n"])
def test_a_description_that_says_nothing_by_key_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Rejected, match="it has no keys, such as title: and promotion:"):
        catalogue.parse("mine", text)


def test_a_promotion_that_says_nothing_is_told_that_it_is_empty() -> None:
    promotion = TEMPLATE[TEMPLATE.index("promotion:") : TEMPLATE.index("\ndrift:")]
    with pytest.raises(Rejected, match=r"is not valid: promotion is empty; it should be keys with values$"):
        catalogue.parse("mine", TEMPLATE.replace(promotion, "promotion:\n"))
