from contextlib import suppress
from datetime import timedelta
from itertools import count
from threading import Barrier, get_ident

import pytest

from headrace.bus import claims
from headrace.errors import Busy
from tests.fakes import FakePlatform, together

NOTE = "claims/note.json"


def do(platform: FakePlatform, key: str = "note") -> bool:
    """Claim and do nothing else; whether it was ours to do."""
    with claims.once(platform.store, platform.clock, key) as mine:
        return mine


def hold(platform: FakePlatform) -> None:
    """Claim and die without a word."""
    claim = claims.once(platform.store, platform.clock, "note")
    claim.__enter__()
    platform.store.before = refuse
    with pytest.raises(ConnectionError):
        claim.__exit__(None, None, None)
    platform.store.before = allow


def refuse(*_: str) -> None:
    raise ConnectionError("the holder is gone")


def allow(*_: str) -> None:
    """Let every call through."""


def test_the_first_claim_is_granted_and_every_later_one_is_told_that_it_is_done(platform: FakePlatform) -> None:
    assert [do(platform) for _ in range(4)] == [True, False, False, False]


def test_claims_of_different_keys_do_not_meet(platform: FakePlatform) -> None:
    assert do(platform, "one")
    assert do(platform, "two")


def test_a_claim_that_somebody_holds_is_busy(platform: FakePlatform) -> None:
    with (
        claims.once(platform.store, platform.clock, "note"),
        pytest.raises(Busy, match=r"claims/note\.json is held since 2026-03-02T08:00:00"),
    ):
        do(platform)


def test_five_that_claim_at_once_do_the_work_once(platform: FakePlatform) -> None:
    meeting, calls = Barrier(5), count()

    def meet(_method: str, _name: str) -> None:
        if next(calls) < 5:
            meeting.wait(timeout=10)

    platform.store.before = meet
    results = together(5, lambda: do(platform))
    assert results.count(True) == 1
    assert all(result is False or isinstance(result, Busy) for result in results if result is not True)


def test_work_that_failed_may_be_tried_again(platform: FakePlatform) -> None:
    with pytest.raises(ZeroDivisionError), claims.once(platform.store, platform.clock, "note"):
        raise ZeroDivisionError
    assert do(platform)
    assert not do(platform)


def test_a_failure_after_the_work_was_done_by_another_leaves_it_done(platform: FakePlatform) -> None:
    assert do(platform)
    with pytest.raises(ZeroDivisionError), claims.once(platform.store, platform.clock, "note"):
        raise ZeroDivisionError
    assert not do(platform)


def test_the_claim_of_a_holder_that_died_is_busy_until_its_lease_is_over(platform: FakePlatform) -> None:
    hold(platform)
    platform.clock.at += claims.LEASE - timedelta(seconds=1)
    with pytest.raises(Busy):
        do(platform)
    platform.clock.advance(seconds=1)
    assert do(platform)


def test_a_lease_that_is_over_is_taken_over_by_exactly_one_of_two(platform: FakePlatform) -> None:
    hold(platform)
    platform.clock.at += claims.LEASE
    meeting, readers = Barrier(2), set[int]()

    def meet(method: str, _: str) -> None:
        """Both have read the old claim before either writes its own."""
        if method == "read":
            readers.add(get_ident())
        elif method == "write" and get_ident() in readers:
            readers.remove(get_ident())
            meeting.wait(timeout=10)

    platform.store.before = meet
    results = together(2, lambda: do(platform))
    assert [type(result) for result in results if result is not True] == [Busy]


def test_a_holder_whose_claim_was_taken_over_cannot_free_what_the_other_has_done(platform: FakePlatform) -> None:
    claim = claims.once(platform.store, platform.clock, "note")
    assert claim.__enter__()
    platform.clock.at += claims.LEASE
    assert do(platform)
    with suppress(ZeroDivisionError):
        claim.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
    assert not do(platform)
