"""What a policy asks for beside a gain: slices, fairness, calibration, budgets, age; and what it says when wrong."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from headrace.errors import Rejected
from headrace.policy.calibration import brier, ece, with_calibration
from headrace.policy.judging import judge
from headrace.policy.promotion import Promotion
from headrace.policy.verdict import Measured, Verdict
from headrace.workload import Arrays

ROWS = 400
TERRAIN = np.repeat(np.array(["desert", "forest"], object), ROWS // 2)


def accuracy(outcomes: Arrays) -> Mapping[str, float]:
    return {"accuracy": float(np.mean(np.asarray(outcomes["right"], "f8")))}


def share(p: Arrays) -> Mapping[str, float]:
    return {"yes": float(np.mean(np.asarray(p["p"], "f8") >= 0.5))}


def right(desert: float, forest: float) -> Arrays:
    """A model that is right on so much of each terrain."""
    half = np.arange(ROWS // 2) / (ROWS // 2)
    return {"right": np.concatenate([half < desert, half < forest])}


def policy(**fields: Any) -> Promotion:
    return Promotion.model_validate({"metric": "accuracy", **fields})


def judged(rule: Promotion, challenger: Arrays, champion: Arrays | None = None) -> Verdict:
    return judge(rule, accuracy, challenger, champion, {"terrain": TERRAIN})


def test_every_group_of_a_slice_is_scored_whether_it_is_guarded_or_not() -> None:
    verdict = judged(policy(), right(0.9, 0.8), right(0.7, 0.6))
    found = [(group.name, group.rows, group.score, group.champion_score, group.judged) for group in verdict.groups]
    assert found == [("desert", 200, 0.9, 0.7, False), ("forest", 200, 0.8, 0.6, False)]
    assert all(group.gain is None for group in verdict.groups)


def test_a_better_model_that_loses_in_one_group_is_not_promoted() -> None:
    better_in_all = right(0.95, 0.55), right(0.6, 0.7)
    assert judged(policy(), *better_in_all).promoted
    verdict = judged(policy(slices={"terrain": {"max_loss": 0.05}}), *better_in_all)
    assert not verdict.promoted
    (reason,) = verdict.reasons
    assert reason.startswith("accuracy 0.5500 where terrain is forest (200 rows) is -0.1500 [-0.")
    assert reason.endswith("against the champion: a loss of more than 0.05 at 90% confidence")


def test_a_loss_that_may_be_noise_or_is_small_enough_is_let_pass() -> None:
    rule = policy(slices={"terrain": {"max_loss": 0.05}})
    assert judged(rule, right(0.95, 0.66), right(0.6, 0.7)).promoted
    shuffled = np.random.default_rng(1).permutation(right(0.95, 0.63)["right"][ROWS // 2 :])
    noisy = {"right": np.concatenate([right(0.95, 0)["right"][: ROWS // 2], shuffled])}
    few = policy(slices={"terrain": {"max_loss": 0.0, "min_rows": 201}})
    assert judged(few, noisy, right(0.6, 0.7)).promoted, "the group is too small to be judged"


def test_a_group_below_its_floor_or_above_its_ceiling_is_a_reason_even_for_the_first_model() -> None:
    verdict = judged(policy(slices={"terrain": {"floor": 0.6, "ceiling": 0.9}}), right(0.95, 0.5))
    assert verdict.reasons == (
        "accuracy 0.9500 where terrain is desert (200 rows) is above the ceiling of 0.9",
        "accuracy 0.5000 where terrain is forest (200 rows) is below the floor of 0.6",
    )


def test_a_group_whose_rows_allow_no_score_is_not_held_against_the_model_unless_the_champion_has_one() -> None:
    def undefined_in_forests(outcomes: Arrays) -> Mapping[str, float]:
        scores = np.asarray(outcomes["score"], "f8")
        return {"accuracy": float("nan") if len(scores) == 200 and scores[0] < 0 else float(np.abs(scores).mean())}

    def model(forest: float) -> Arrays:
        return {"score": np.repeat([0.9, forest], 200)}

    rule = policy(slices={"terrain": {"floor": 0.5}})
    slices = {"terrain": TERRAIN}
    assert judge(rule, undefined_in_forests, model(-0.9), None, slices).promoted
    verdict = judge(rule, undefined_in_forests, model(-0.9), model(0.8), slices)
    assert verdict.reasons[0] == (
        "accuracy nan where terrain is forest (200 rows) is no number, the champion's is 0.8000"
    )


def test_a_guard_may_go_by_a_score_of_its_own_with_a_direction_of_its_own() -> None:
    def two(outcomes: Arrays) -> Mapping[str, float]:
        found = accuracy(outcomes)["accuracy"]
        return {"accuracy": found, "error": 1 - found}

    guard = {"metric": "error", "better": "lower", "max_loss": 0.05}
    verdict = judge(policy(slices={"terrain": guard}), two, right(0.95, 0.55), right(0.6, 0.7), {"terrain": TERRAIN})
    assert verdict.reasons[0].startswith("error 0.4500 where terrain is forest (200 rows) is -0.15")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"floors": {"acuracy": 0.5}}, "the policy goes by 'acuracy', which is no score; there are accuracy"),
        (
            {"slices": {"grade": {"floor": 0.5}}},
            "the policy goes by 'grade', which is no slice of the test set; there are terrain",
        ),
        (
            {"fairness": {"terrain": {"demographic_parity": 0.1}}},
            "promotion.fairness needs outcomes p, the probability of a yes, and y, whether it was one, as bool; "
            "the workload's outcomes are right",
        ),
    ],
)
def test_a_policy_that_goes_by_what_the_workload_lacks_is_told_what_there_is(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(Rejected) as rejected:
        judged(policy(**fields), right(0.9, 0.9))
    assert str(rejected.value) == said


def test_two_models_that_were_scored_on_other_rows_are_not_compared() -> None:
    with pytest.raises(Rejected, match="400 rows of the challenger cannot be held against 2"):
        judged(policy(), right(0.9, 0.9), {"right": np.ones(2, bool)})


def answers(rows: int, **shares: float) -> tuple[Arrays, Arrays]:
    """So many rows of each group, of which a share gets a yes; every other one deserves it."""
    yes = np.concatenate([np.arange(rows) / rows < share for share in shares.values()])
    outcomes = {"p": yes.astype(np.float64), "y": np.arange(len(yes)) % 2 == 0}
    return outcomes, {"region": np.repeat(np.array(list(shares), object), rows)}


def fair(rows: int, limit: float, measure: str = "demographic_parity", **shares: float) -> Verdict:
    outcomes, slices = answers(rows, **shares)
    return judge(policy(metric="yes", fairness={"region": {measure: limit}}), share, outcomes, None, slices)


def test_groups_that_get_a_yes_as_often_are_fair_once_there_are_rows_enough_to_show_it() -> None:
    many, few = fair(2000, 0.05, north=0.4, south=0.41), fair(100, 0.05, north=0.4, south=0.41)
    assert many.promoted
    (gap,) = many.gaps
    assert gap.difference.estimate == pytest.approx(0.01)
    assert gap.difference.low <= gap.difference.estimate < gap.difference.high < 0.05
    assert not few.promoted
    assert few.gaps[0].difference.estimate == pytest.approx(0.01)


def test_the_widest_difference_of_several_groups_counts_and_is_named() -> None:
    verdict = fair(1000, 0.1, north=0.3, middle=0.4, south=0.6)
    (reason,) = verdict.reasons
    assert reason.startswith("demographic parity by region differs by 0.300 [0.2")
    assert reason.endswith("which is not within 0.1: the share that gets a yes is 0.600 for south and 0.300 for north")


def test_equal_opportunity_asks_only_about_those_who_deserve_a_yes() -> None:
    outcomes = {
        "p": np.tile([0.9, 0.1, 0.1, 0.1], 1000),
        "y": np.tile([True, False, True, False], 1000),
    }
    slices = {"region": np.tile(np.array(["north", "north", "south", "south"], object), 1000)}
    rule = policy(metric="yes", fairness={"region": {"equal_opportunity": 0.2}})
    verdict = judge(rule, share, outcomes, None, slices)
    assert verdict.gaps[0].rates == {"north": 1.0, "south": 0.0}
    assert "equal opportunity by region differs by 1.000" in verdict.reasons[0]


def test_what_too_few_rows_can_show_is_not_taken_for_fair() -> None:
    assert fair(20, 0.5, north=0.5, south=0.5).reasons == (
        "demographic parity by region cannot be shown: fewer than two groups have 30 rows to judge by",
    )
    assert not fair(40, 0.01, north=0.0, south=0.0).promoted, "none of forty is not never"


def test_probabilities_that_come_true_as_often_as_they_say_are_calibrated() -> None:
    p = np.repeat([0.2, 0.8], 1000)
    y = np.concatenate([np.arange(1000) < 200, np.arange(1000) < 800])
    assert ece(p, y) == pytest.approx(0)
    assert brier(p, y) == pytest.approx(0.16)
    assert ece(p, ~y) == pytest.approx(0.6)
    assert ece(np.array([1.0, 0.0]), np.array([True, False])) == 0


@pytest.mark.parametrize("names", [("p", "y"), ("sure", "right")])
def test_what_has_probabilities_is_judged_on_its_calibration_too(names: tuple[str, str]) -> None:
    outcomes = dict(zip(names, (np.full(100, 0.9), np.arange(100) < 50), strict=True))

    def none(_: Arrays) -> Mapping[str, float]:
        return {"accuracy": 0.9}

    verdict = judge(policy(ceilings={"ece": 0.1, "brier": 0.5}), none, outcomes, None)
    assert verdict.reasons == ("ece 0.4000 is above the ceiling of 0.1",)


def test_a_workloads_own_score_goes_before_the_platforms() -> None:
    outcomes = {"p": np.full(10, 0.9), "y": np.ones(10, bool)}
    assert with_calibration(lambda _: {"brier": 7.0})(outcomes)["brier"] == 7.0


def test_an_outcome_called_y_that_is_no_truth_is_left_alone() -> None:
    outcomes = {"p": np.full(10, 0.9), "y": np.arange(10)}
    assert with_calibration(lambda _: {"accuracy": 1.0})(outcomes) == {"accuracy": 1.0}


def test_what_takes_too_long_is_too_large_too_old_or_not_the_trained_model_is_refused_with_its_figures() -> None:
    rule = policy(budgets={"row_ms": 2, "batch_ms": 20, "size_mib": 1}, max_age_days=30, max_parity=1e-4)
    heavy = Measured(row_ms=2.51, batch_ms=31, batch_rows=256, size_mib=1.5, age_days=31.02, parity=0.02)
    verdict = judge(rule, accuracy, right(0.9, 0.9), None, None, heavy)
    assert verdict.reasons == (
        "a row takes 2.51 ms, more than the 2 ms of budgets.row_ms",
        "a batch of 256 rows takes 31 ms, more than the 20 ms of budgets.batch_ms",
        "the export has 1.5 MiB, more than the 1 MiB of budgets.size_mib",
        "the data is 31.0 days old, more than the 30 days of max_age_days",
        "the export is 0.02 from the trained model, more than max_parity 0.0001",
    )
    light = Measured(row_ms=2, batch_ms=20, batch_rows=256, size_mib=1, age_days=30, parity=1e-4)
    assert judge(rule, accuracy, right(0.9, 0.9), None, None, light).promoted


def test_every_score_has_an_interval_that_holds_it() -> None:
    interval = judged(policy(), right(0.9, 0.8)).intervals["accuracy"]
    assert interval.estimate == pytest.approx(0.85)
    assert 0.8 < interval.low < interval.estimate < interval.high < 0.9
    assert f"{interval:.2f}" == f"0.85 [{interval.low:.2f}, {interval.high:.2f}]"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"slices": {"terrain": {"min_rows": 5}}},
            "slices.terrain: Value error, it asks for nothing; give it a floor, a ceiling or a max_loss",
        ),
        (
            {"slices": {"terrain": {"metric": "mae", "max_loss": 1}}},
            "slices.terrain: Value error, a max_loss of mae needs to know what is better; say better: higher or lower",
        ),
        (
            {"slices": {"terrain": {"max_loss": -0.2}}},
            "slices.terrain.max_loss: Input should be greater than or equal to 0",
        ),
        (
            {"fairness": {"sex": {}}},
            "fairness.sex: Value error, it asks for nothing; give it demographic_parity or equal_opportunity",
        ),
        (
            {"fairness": {"sex": {"demographic_parity": 3}}},
            "fairness.sex.demographic_parity: Input should be less than or equal to 1",
        ),
        ({"budgets": {"gpu_ms": 3}}, "budgets.gpu_ms: Extra inputs are not permitted"),
        ({"approval": "maybe"}, "approval: Input should be 'automatic' or 'manual'"),
        ({"max_age_days": 0}, "max_age_days: Input should be greater than 0"),
        (
            {"floors": {"auc": 0.9}, "ceilings": {"auc": 0.8}},
            ": Value error, nothing is between the floor 0.9 and the ceiling 0.8 of auc",
        ),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_with_the_place_and_the_way_out(
    fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        policy(**fields)
    (error,) = refused.value.errors()
    assert f"{'.'.join(map(str, error['loc']))}: {error['msg']}" == said


def test_a_policy_has_the_same_hash_however_it_is_written_and_another_when_it_says_another_thing() -> None:
    one = policy(floors={"a": 0.5, "b": 0.6}, min_gain=0.0)
    assert one.hash == policy(floors={"b": 0.6, "a": 0.5}).hash
    assert one.hash != policy(floors={"a": 0.5, "b": 0.7}).hash
    assert len(one.hash) == 12
