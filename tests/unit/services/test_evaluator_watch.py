"""A champion that cannot be served after all, and what the evaluator does about it."""

import pytest

from headrace import catalogue
from headrace.events import ModelDecayed, ModelUnserved
from headrace.ports import Version
from headrace.promotion import promotions
from headrace.promotion.promotions import VERDICT
from services.evaluator.main import decayed, unserved
from tests.fakes import FakePlatform, together

from .conftest import Models
from .judging import Register, W, aliases, announced, judged, killed, state, tags


def heard(platform: FakePlatform, version: Version, alias: str = "champion") -> None:
    fact = ModelUnserved(workload=W, version=version.number, alias=alias, reason="the graph asks for an operator")
    assert list(unserved(fact, platform)) == []


@pytest.fixture
def broken(platform: FakePlatform, weak: Version, register: Register, models: Models) -> Version:
    """A version that was judged better than the weak champion and took its place."""
    version = register(models.good)
    assert judged(platform, version) == []
    announced(platform)
    return version


def test_a_promotion_of_a_version_that_cannot_be_served_is_taken_back_once(
    platform: FakePlatform, weak: Version, broken: Version
) -> None:
    heard(platform, broken)
    assert aliases(platform) == {"champion": weak.number, "previous": broken.number}
    assert tags(platform, broken)[VERDICT] == "rolled back"
    change = promotions.history(platform.store, W)[-1]
    assert change.actor == platform.component
    assert change.reason == "rolled back from version 2: the graph asks for an operator"
    announced(platform)
    before = state(platform)
    for _ in range(5):
        heard(platform, broken)
    assert state(platform) == before


def test_a_version_that_was_rolled_back_is_not_promoted_again_by_a_repeat_of_its_event(
    platform: FakePlatform, weak: Version, broken: Version
) -> None:
    heard(platform, broken)
    announced(platform)
    before = state(platform)
    for _ in range(5):
        assert judged(platform, broken) == []
    assert state(platform) == before
    assert aliases(platform)["champion"] == weak.number


def test_five_who_hear_of_it_at_once_roll_back_once(platform: FakePlatform, weak: Version, broken: Version) -> None:
    together(5, lambda: heard(platform, broken))
    assert aliases(platform)["champion"] == weak.number
    assert len(promotions.history(platform.store, W)) == 3


@pytest.mark.parametrize(("call", "nth"), [("tag", 1), ("set_alias", 1), ("set_alias", 2)])
def test_a_rollback_that_was_cut_short_anywhere_is_one_change_in_the_end(
    call: str, nth: int, platform: FakePlatform, weak: Version, broken: Version
) -> None:
    platform.registry.before = killed(call, nth)
    with pytest.raises(ConnectionError):
        heard(platform, broken)
    platform.registry.before = lambda _: None
    heard(platform, broken)
    platform.clock.advance(minutes=1)
    promotions.finish(platform, W)
    assert aliases(platform) == {"champion": weak.number, "previous": broken.number}
    assert len(promotions.history(platform.store, W)) == 3


def test_what_served_before_is_not_rolled_back_however_it_fails_now(
    platform: FakePlatform, weak: Version, broken: Version
) -> None:
    heard(platform, broken)
    announced(platform)
    before = state(platform)
    heard(platform, weak)
    assert state(platform) == before


def test_a_version_that_is_not_champion_any_more_or_fails_as_challenger_is_left(
    platform: FakePlatform, weak: Version, broken: Version
) -> None:
    before = state(platform)
    heard(platform, weak)
    heard(platform, broken, alias="challenger")
    assert state(platform) == before


def test_after_the_watch_is_over_people_decide(platform: FakePlatform, broken: Version) -> None:
    platform.clock.advance(hours=24, seconds=1)
    before = state(platform)
    heard(platform, broken)
    assert state(platform) == before


def test_the_only_champion_there_ever_was_is_left(platform: FakePlatform, champion: Version) -> None:
    before = state(platform)
    heard(platform, champion)
    assert state(platform) == before


@pytest.mark.parametrize("watched", [True, False])
def test_a_champion_that_does_worse_in_use_is_rolled_back_where_the_policy_says_so(
    watched: bool, platform: FakePlatform, weak: Version, broken: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = catalogue.describe(W)
    promotion = said.promotion.model_copy(update={"watch_decay": watched})
    monkeypatch.setattr(catalogue, "describe", lambda _: said.model_copy(update={"promotion": promotion}))
    reason = "auc is 0.6 [0.5, 0.7] on 300 labelled rows and was 0.8 [0.7, 0.9] on the test set"
    fact = ModelDecayed(workload=W, check="c1", version=broken.number, reason=reason)
    for _ in range(5):
        assert list(decayed(fact, platform)) == []
    assert aliases(platform)["champion"] == (weak.number if watched else broken.number)
    if watched:
        assert promotions.history(platform.store, W)[-1].reason == f"rolled back from version 2: {reason}"
