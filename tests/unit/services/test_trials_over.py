"""Trials that cannot come to their end by themselves are ended by the reconciler."""

import pytest

from headrace.events import ChallengerTried, ModelRejected
from headrace.ports import Version
from headrace.promotion.promotions import VERDICT
from services.evaluator.main import tried
from tests.fakes import FakePlatform

from .judging import W, aliases, announced, tags
from .trying import HOURS, described, reconciled


def test_a_trial_whose_time_is_over_is_aborted(platform: FakePlatform, challenger: Version) -> None:
    platform.clock.advance(minutes=60 * HOURS - 1)
    assert reconciled(platform) == []
    platform.clock.advance(minutes=2)
    (fact,) = reconciled(platform)
    assert isinstance(fact, ChallengerTried)
    assert (fact.outcome, fact.reasons) == ("aborted", ("no instance saw 1000 requests of its trial within 6 hours",))
    (rejected,) = tried(fact, platform)
    assert isinstance(rejected, ModelRejected)
    assert rejected.reasons[1:] == fact.reasons
    assert reconciled(platform) == []
    assert "challenger" not in aliases(platform)


def test_a_trial_that_was_switched_off_is_aborted(
    platform: FakePlatform, challenger: Version, canary: pytest.MonkeyPatch
) -> None:
    described(canary, mode=False)
    (fact,) = reconciled(platform)
    assert isinstance(fact, ChallengerTried)
    assert fact.reasons == ("serving.challenger was switched off during its trial",)


def test_a_challenger_whose_alias_was_taken_away_is_rejected(platform: FakePlatform, challenger: Version) -> None:
    platform.registry.delete_alias(W, "challenger")
    (fact,) = reconciled(platform)
    assert isinstance(fact, ChallengerTried)
    assert fact.reasons == ("somebody took the alias challenger from it during its trial",)
    assert len(list(tried(fact, platform))) == 1


def test_a_challenger_that_was_made_champion_by_hand_counts_as_promoted(
    platform: FakePlatform, challenger: Version
) -> None:
    platform.registry.set_alias(W, "champion", challenger.number)
    announced(platform)
    (fact,) = reconciled(platform)
    assert isinstance(fact, ChallengerTried)
    assert list(tried(fact, platform)) == []
    assert tags(platform, challenger)[VERDICT] == "promoted"
    assert "challenger" not in aliases(platform)
    assert reconciled(platform) == []
