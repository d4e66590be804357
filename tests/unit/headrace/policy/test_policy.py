from collections.abc import Mapping

import numpy as np
import pytest
from pydantic import ValidationError

from headrace.policy.calibration import Metrics
from headrace.policy.judging import judge
from headrace.policy.promotion import Promotion
from headrace.policy.resampling import Resampled
from headrace.policy.verdict import Interval
from headrace.workload import Arrays

ROWS = 400


def accuracy(outcomes: Arrays) -> Mapping[str, float]:
    return {"accuracy": float(np.mean(np.asarray(outcomes["right"], "f8")))}


def error(outcomes: Arrays) -> Mapping[str, float]:
    return {"error": float(np.mean(np.asarray(outcomes["miss"], "f8")))}


def right(share: float, seed: int = 0) -> Arrays:
    """A model that is right on `share` of the rows."""
    return {"right": np.random.default_rng(seed).permutation(ROWS) < share * ROWS}


def paired_gain(rule: Promotion, metrics: Metrics, challenger: Arrays, champion: Arrays) -> Interval:
    return Resampled(rule, metrics, challenger).gain(Resampled(rule, metrics, champion))


def policy(**fields: object) -> Promotion:
    return Promotion.model_validate({"metric": "accuracy", **fields})


def test_the_first_model_that_clears_every_floor_is_promoted() -> None:
    verdict = judge(policy(floors={"accuracy": 0.6}), accuracy, right(0.75), None)
    assert verdict.promoted
    assert verdict.reasons == ("no champion to beat: accuracy 0.7500 is within every bound",)
    assert (verdict.scores, verdict.champion_scores, verdict.gain) == ({"accuracy": 0.75}, None, None)


def test_a_model_exactly_at_its_floor_clears_it() -> None:
    assert judge(policy(floors={"accuracy": 0.75}), accuracy, right(0.75), None).promoted


def test_a_model_below_a_floor_is_rejected_with_the_score_and_the_floor_even_if_it_is_the_first() -> None:
    verdict = judge(policy(floors={"accuracy": 0.8}), accuracy, right(0.75), None)
    assert not verdict.promoted
    assert verdict.reasons == ("accuracy 0.7500 is below the floor of 0.8",)


def test_every_floor_that_is_missed_is_a_reason() -> None:
    def two(_: Arrays) -> Mapping[str, float]:
        return {"accuracy": 0.5, "recall": 0.1}

    verdict = judge(policy(floors={"accuracy": 0.6, "recall": 0.2}), two, right(0.5), None)
    assert [reason.split()[0] for reason in verdict.reasons] == ["accuracy", "recall"]


def test_a_score_that_is_not_a_number_clears_no_floor() -> None:
    def undefined(_: Arrays) -> Mapping[str, float]:
        return {"accuracy": float("nan")}

    assert not judge(policy(floors={"accuracy": 0.0}), undefined, right(0.5), None).promoted


def test_a_tie_keeps_the_champion() -> None:
    verdict = judge(policy(), accuracy, right(0.75), right(0.75))
    assert not verdict.promoted
    assert "not a gain" in verdict.reasons[0]


def test_a_clear_gain_is_promoted_with_its_interval_as_the_reason() -> None:
    verdict = judge(policy(), accuracy, right(0.9), right(0.7, seed=1))
    assert verdict.promoted
    assert verdict.gain is not None
    assert 0 < verdict.gain.low < verdict.gain.estimate < verdict.gain.high
    assert verdict.gain.estimate == pytest.approx(0.2)
    assert verdict.reasons[0].startswith("accuracy +0.2000 [+0.1")
    assert verdict.reasons[0].endswith("against the champion: a gain at 90% confidence")
    assert dict(verdict.champion_scores or {}) == {"accuracy": pytest.approx(0.7)}


def test_a_gain_that_may_be_noise_is_not_promoted() -> None:
    verdict = judge(policy(), accuracy, right(0.755), right(0.75, seed=1))
    assert not verdict.promoted
    assert verdict.gain is not None
    assert verdict.gain.low < 0 < verdict.gain.estimate


def test_a_certain_gain_that_is_smaller_than_the_least_that_counts_is_not_promoted() -> None:
    better, champion = np.ones(ROWS, bool), np.ones(ROWS, bool)
    champion[:8] = False
    assert judge(policy(min_gain=0.01), accuracy, {"right": better}, {"right": champion}).promoted
    verdict = judge(policy(min_gain=0.05), accuracy, {"right": better}, {"right": champion})
    assert not verdict.promoted
    assert "not a gain of 0.05 or more" in verdict.reasons[0]


def test_a_worse_model_is_not_promoted() -> None:
    assert not judge(policy(), accuracy, right(0.6), right(0.8)).promoted


def test_where_lower_is_better_the_lower_score_is_the_gain() -> None:
    low, high = {"miss": np.full(ROWS, 0.1)}, {"miss": np.full(ROWS, 0.4)}
    rule = policy(metric="error", better="lower")
    assert judge(rule, error, low, high).promoted
    assert not judge(rule, error, high, low).promoted


def test_both_models_are_scored_on_the_same_resamples_so_that_shared_luck_cancels_out() -> None:
    luck = np.random.default_rng(3).normal(0, 10, ROWS)
    challenger, champion = {"miss": luck - 0.1}, {"miss": luck}
    gain = paired_gain(policy(metric="error", better="lower"), error, challenger, champion)
    assert gain.low == pytest.approx(0.1)
    assert gain.high == pytest.approx(0.1)


def test_the_same_outcomes_get_the_same_verdict_every_time() -> None:
    verdicts = [judge(policy(), accuracy, right(0.78), right(0.75, seed=1)) for _ in range(3)]
    assert verdicts[0] == verdicts[1] == verdicts[2]


def test_more_confidence_asks_for_a_wider_interval() -> None:
    narrow, wide = (
        paired_gain(policy(confidence=confidence), accuracy, right(0.8), right(0.7, seed=1))
        for confidence in (0.6, 0.99)
    )
    assert wide.low < narrow.low < narrow.high < wide.high


@pytest.mark.parametrize(
    "fields",
    [
        {"better": "faster"},
        {"confidence": 1.0},
        {"confidence": 0.5},
        {"min_gain": -1},
        {"resamples": 3},
        {"florrs": {}},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        policy(**fields)
