"""What a check found, and what drift has caused before, decide whether anything is trained."""

from datetime import UTC, datetime, timedelta

import pytest

from headrace.drift import ANSWERS, INPUTS, LABELS, Alarm
from headrace.options.drift import Budget, Drift
from services.drift import deciding
from services.drift.deciding import Decision, Findings, Past
from services.drift.performance import Performance, Score
from services.drift.price import Price
from services.drift.state import Streak
from services.drift.volume import Volume, remembered, unlike

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
RULE = Drift(in_a_row=1, cooldown_minutes=60, budget=Budget(retrainings=2, usd=1))
PRICE = Price(0.04)
SHIFTED, NEW = Alarm("dti", "shape", 1e-9, 0.2), Alarm("term", "unknown", 1e-9, 0.2)
GONE = Alarm("fico", "missing", 1e-9, 0.2)
DECAYED = Performance("auc", Score(0.71, 0.7, 0.72, 0.006), Score(0.62, 0.6, 0.64, 0.012), 900, 1e-9)


def drifted(part: str = INPUTS) -> Findings:
    return Findings({part: [SHIFTED]})


def decide(rule: Drift, findings: Findings, past: Past, now: datetime, price: Price = PRICE) -> Decision:
    return deciding.decide(rule, findings, past, now, price)


def ago(**before: float) -> datetime:
    return NOW - timedelta(**before)


def test_a_window_without_alarms_is_steady() -> None:
    decision = decide(RULE, Findings({INPUTS: []}), Past(), NOW)
    assert (decision.verdict, decision.retrains, decision.outcome) == ("steady", False, "steady: nothing drifted")


@pytest.mark.parametrize("part", [INPUTS, ANSWERS, LABELS])
def test_drift_of_whatever_part_causes_a_training(part: str) -> None:
    decision = decide(RULE, drifted(part), Past(), NOW)
    assert (decision.verdict, decision.retrains) == ("drifted", True)
    assert decision.outcome == "dti drifted: training anew, for about $0.04"


def test_a_metric_that_decayed_is_drift() -> None:
    decision = decide(RULE, Findings({INPUTS: []}, DECAYED, has_decayed=True), Past(), NOW)
    assert decision.outcome == "auc drifted: training anew, for about $0.04"
    assert not decide(RULE, Findings({INPUTS: []}, DECAYED, has_decayed=False), Past(), NOW).retrains


@pytest.mark.parametrize("alarm", [NEW, GONE], ids=["new values", "missing"])
def test_nothing_is_trained_on_data_that_may_be_broken_whatever_else_drifted(alarm: Alarm) -> None:
    decision = decide(RULE, Findings({INPUTS: [alarm, SHIFTED], ANSWERS: [SHIFTED]}), Past(), NOW)
    assert (decision.verdict, decision.retrains) == ("broken", False)
    assert decision.outcome == f"the data may be broken, and nothing is trained on it: {alarm.column}"


def test_a_few_values_beyond_the_known_ones_do_not_make_a_large_drift_a_damage() -> None:
    few = Alarm("term", "unknown", 1e-9, 0.02)
    assert (
        decide(RULE, Findings({INPUTS: [few, SHIFTED]}), Past(), NOW).outcome
        == "dti drifted: training anew, for about $0.04"
    )


def test_a_label_that_is_new_is_drift_and_no_damage() -> None:
    assert decide(RULE, Findings({LABELS: [NEW]}), Past(), NOW).retrains


@pytest.mark.parametrize(("before", "retrains"), [(0, False), (1, False), (2, True), (3, True)])
def test_drift_must_last_for_as_many_checks_as_the_workload_says(before: int, retrains: bool) -> None:
    rule = RULE.model_copy(update={"in_a_row": 3})
    decision = decide(rule, drifted(), Past(Streak(version=1, checks=before)), NOW)
    assert (decision.verdict, decision.retrains) == ("drifted", retrains)
    assert (
        retrains or decision.outcome == f"dti drifted, but only in {before + 1} of the 3 checks in a row that it takes"
    )


@pytest.mark.parametrize(("minutes", "retrains"), [(59, False), (60, True)])
def test_after_a_training_the_next_one_waits(minutes: int, retrains: bool) -> None:
    decision = decide(RULE, drifted(), Past(retrainings=[ago(minutes=minutes)]), NOW)
    assert decision.retrains is retrains
    assert retrains or decision.outcome == "dti drifted, but it is cooling down until 2026-03-09 12:01"


@pytest.mark.parametrize(("days", "retrains"), [((1, 6), False), ((1, 7), True), ((7, 8), True)])
def test_a_week_has_a_budget_of_trainings(days: tuple[float, ...], retrains: bool) -> None:
    decision = decide(RULE, drifted(), Past(retrainings=[ago(days=each) for each in days]), NOW)
    assert decision.retrains is retrains
    assert retrains or decision.outcome == "dti drifted, but the week's budget of 2 retrainings is spent"


def test_with_a_budget_of_none_nothing_trains_by_itself_and_people_are_to_decide() -> None:
    decision = decide(RULE.model_copy(update={"budget": Budget(retrainings=0)}), drifted(), Past(), NOW)
    assert (decision.retrains, decision.refused) == (False, True)


@pytest.mark.parametrize(("usd", "days", "retrains"), [(0.5, (), True), (0.5, (8, 9), True), (0.6, (1,), False)])
def test_a_week_has_a_budget_in_dollars_for_what_was_trained_and_what_is_to_be(
    usd: float, days: tuple[float, ...], retrains: bool
) -> None:
    decision = decide(RULE, drifted(), Past(retrainings=[ago(days=each) for each in days]), NOW, Price(usd))
    assert (decision.retrains, decision.refused, decision.usd) == (retrains, not retrains, usd)
    assert retrains or decision.outcome == (
        "dti drifted, but one more training, for about $0.60, goes beyond the week's budget of $1.00 after 1"
    )


def test_what_nobody_knows_the_price_of_is_not_trained_by_itself() -> None:
    decision = decide(RULE, drifted(), Past(), NOW, Price(None, "there is no price 'nvidia-b200'"))
    assert (decision.retrains, decision.refused) == (False, True)
    assert decision.outcome.endswith("what a training costs is not known: there is no price 'nvidia-b200'")


def test_drift_that_has_to_wait_is_not_yet_for_people_to_decide() -> None:
    waiting = decide(RULE, drifted(), Past(retrainings=[ago(minutes=1)]), NOW)
    assert (waiting.retrains, waiting.refused) == (False, False)


USUAL = [Volume(1000 + 10 * number, 1.0) for number in range(6)]


@pytest.mark.parametrize(
    ("rows", "hours", "complete", "words"),
    [
        (1020, 1.0, True, None),
        (3000, 1.0, True, None),
        (4000, 1.0, True, "4000 rows came in 1 hours, where the last 6 windows had 1000 to 1050 rows an hour"),
        (1000, 4.0, True, "1000 rows came in 4 hours, where the last 6 windows had 1000 to 1050 rows an hour"),
        (0, 2.5, False, None),
        (0, 3.5, False, "0 rows came in 3.5 hours, where the last 6 windows had 1000 to 1050 rows an hour"),
        (9000, 0.1, True, None),
    ],
    ids=["usual", "more", "far more", "slower", "silent for a while", "silent for long", "too soon to say"],
)
def test_a_volume_unlike_any_before_is_put_in_words(rows: int, hours: float, complete: bool, words: str | None) -> None:
    assert unlike(Volume(rows, hours), USUAL, complete) == words


def test_of_few_windows_no_volume_is_unusual() -> None:
    assert unlike(Volume(10**6, 1.0), USUAL[:4], complete=True) is None


def test_so_many_windows_are_remembered_and_none_that_took_no_time() -> None:
    volumes: tuple[Volume, ...] = ()
    for rows in range(100):
        volumes = remembered(Volume(rows, 1.0), volumes)
    assert [each.rows for each in remembered(Volume(1000, 0.0), volumes)] == list(range(52, 100))
