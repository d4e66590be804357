import pytest

from headrace.bus.envelope import Received
from headrace.bus.runtime import handle
from headrace.errors import Busy
from headrace.events import ModelRegistered, ModelRejected
from headrace.ports import Version
from headrace.promotion import promotions
from headrace.promotion.promotions import VERDICT
from headrace.tracing import parse
from services.evaluator.main import HANDLERS
from tests.fakes import FakePlatform

from .conftest import Models
from .judging import Register, W, aliases, announced, judged, killed, state, tags


def test_a_repeat_of_a_promoted_versions_event_changes_nothing(platform: FakePlatform, champion: Version) -> None:
    before = state(platform)
    for _ in range(4):
        assert judged(platform, champion) == []
    assert state(platform) == before


def test_a_repeat_of_a_rejected_versions_event_tells_the_same_fact_and_changes_nothing(
    platform: FakePlatform, champion: Version, register: Register, models: Models
) -> None:
    worse = register(models.contrary)
    (first,) = judged(platform, worse)
    before = state(platform)
    assert [judged(platform, worse) for _ in range(4)] == [[first]] * 4
    assert state(platform) == before


def test_a_version_that_was_rejected_is_not_judged_again_when_a_weaker_champion_has_come_since(
    platform: FakePlatform, champion: Version, register: Register, models: Models
) -> None:
    again, weak = register(models.good), register(models.contrary)
    (first,) = judged(platform, again)
    platform.registry.set_alias(W, "champion", weak.number)
    announced(platform)
    assert judged(platform, again) == [first]
    assert aliases(platform)["champion"] == weak.number


def test_a_champion_that_was_set_by_hand_and_not_yet_announced_makes_the_evaluator_wait(
    platform: FakePlatform, champion: Version, register: Register, models: Models
) -> None:
    by_hand, challenger = register(models.good), register(models.good)
    platform.registry.set_alias(W, "champion", by_hand.number)
    with pytest.raises(Busy):
        judged(platform, challenger)
    assert VERDICT not in tags(platform, challenger)
    announced(platform)
    (fact,) = judged(platform, challenger)
    assert tags(platform, challenger)["headrace.against"] == str(by_hand.number)
    assert fact.version == challenger.number


@pytest.mark.parametrize(("call", "nth"), [("set_alias", 1), ("tag", 1), ("tag", 2)])
def test_a_first_judgement_that_was_cut_short_anywhere_ends_as_one_change_when_the_event_comes_again(
    call: str, nth: int, platform: FakePlatform, register: Register, models: Models
) -> None:
    version = register(models.good)
    platform.registry.before = killed(call, nth)
    with pytest.raises(ConnectionError):
        judged(platform, version)
    platform.registry.before = lambda _: None
    assert judged(platform, version) == []
    assert aliases(platform) == {"champion": version.number}
    assert tags(platform, version)[VERDICT] == "promoted"
    assert len(promotions.history(platform.store, W)) == 1


def test_a_later_judgement_that_was_cut_short_between_ledger_and_alias_waits_until_the_promotion_is_finished(
    platform: FakePlatform, register: Register, models: Models
) -> None:
    def cut_short(method: str) -> None:
        if method == "set_alias" and len(promotions.history(platform.store, W)) == 2:
            raise ConnectionError("killed")

    weak = register(models.contrary)
    platform.registry.set_alias(W, "champion", weak.number)
    announced(platform)
    better = register(models.good)
    platform.registry.before = cut_short
    with pytest.raises(ConnectionError):
        judged(platform, better)
    platform.registry.before = lambda _: None
    with pytest.raises(Busy):
        judged(platform, better)
    platform.clock.advance(minutes=1)
    promotions.finish(platform, W)
    assert judged(platform, better) == []
    assert tags(platform, better)[VERDICT] == "promoted"
    assert aliases(platform)["champion"] == better.number
    assert [change.version for change in promotions.history(platform.store, W)] == [weak.number, better.number]


def test_a_rejection_that_did_not_reach_the_bus_is_told_when_the_event_comes_again(
    platform: FakePlatform, champion: Version, register: Register, models: Models
) -> None:
    def down(_: object) -> None:
        raise ConnectionError("the bus is down")

    event = ModelRegistered(workload=W, version=register(models.contrary).number)
    received = Received(event, event.id, parse(None))
    platform.bus.before = down
    with pytest.raises(ConnectionError):
        handle(received, HANDLERS, platform)
    platform.bus.before = lambda _: None
    handle(received, HANDLERS, platform)
    assert [type(fact) for fact in platform.bus.facts] == [ModelRejected]
