"""The clock is in UTC and does not go back."""

from datetime import timedelta

from headrace.ports import Clock


def test_the_clock_says_the_time_in_utc(clock: Clock) -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_the_clock_does_not_go_back(clock: Clock) -> None:
    assert clock.now() <= clock.now()
