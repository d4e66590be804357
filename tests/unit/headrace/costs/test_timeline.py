from datetime import UTC, datetime, timedelta

import pytest
from croniter import croniter
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.costs.timeline import MINUTES, awake, hours, runs
from headrace.errors import Rejected

A_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)


def field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    # Croniter takes a range of one number for a range of all.
    ends = st.tuples(number, number).filter(lambda pair: pair[0] < pair[1])
    ranges = ends.map(lambda pair: f"{pair[0]}-{pair[1]}")
    steps = st.tuples(st.one_of(st.just("*"), ranges), st.integers(1, 20)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    lists = st.lists(st.one_of(number.map(str), ranges, steps), min_size=1, max_size=3).map(",".join)
    return st.one_of(st.just("*"), lists)


# A day of the month or of the week, or both, when either will do. Kinds of cron disagree about steps from a star there.
DAYS = st.one_of(
    st.tuples(field(1, 31), st.just("*")),
    st.tuples(st.just("*"), field(0, 6)),
    st.sampled_from([("1", "3"), ("5-9", "0"), ("3,31", "1-5")]),
)


@settings(deadline=None)
@given(field(0, 59), field(0, 23), DAYS)
def test_a_line_comes_due_when_croniter_says(minute: str, hour: str, days: tuple[str, str]) -> None:
    line = f"{minute} {hour} {days[0]} * {days[1]}"
    ours = runs(line)
    ticks = croniter(line, A_MONDAY - timedelta(minutes=1))
    for expected in ours[:40]:
        assert ticks.get_next(datetime) == A_MONDAY + timedelta(minutes=expected)
    if len(ours) <= 40:
        assert ticks.get_next(datetime) >= A_MONDAY + timedelta(minutes=MINUTES)


@pytest.mark.parametrize(
    ("cron", "count"),
    [("* * * * *", MINUTES), ("*/15 * * * *", 2920), ("17 5 * * *", 31), ("0 9 * * 1-5", 23), ("0 9 * * 7", 4)],
)
def test_a_month_has_so_many_runs(cron: str, count: int) -> None:
    assert len(runs(cron)) == count


@pytest.mark.parametrize("cron", ["* * * *", "61 * * * *", "a * * * *", "* 24 * * *", "9-3 * * * *"])
def test_a_line_that_nobody_can_read_is_a_sentence_with_the_line_in_it(cron: str) -> None:
    with pytest.raises(Rejected, match=cron.replace("*", r"\*")):
        runs(cron)


def test_calls_that_follow_each_other_soon_keep_one_instance_awake() -> None:
    assert awake([(0, 1), (10, 11), (60, 61)], 15) == [(0, 26), (60, 76)]


def test_a_long_call_counts_whole_though_a_short_one_comes_in_between() -> None:
    assert awake([(0, 100), (10, 11)], 15) == [(0, 115)]


def test_nothing_is_awake_longer_than_the_month() -> None:
    assert hours(awake([(MINUTES - 5, MINUTES)], 15)) == pytest.approx(5 / 60)
