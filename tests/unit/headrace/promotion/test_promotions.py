from collections.abc import Callable
from threading import Barrier

import pytest

from headrace import tracing
from headrace.errors import Busy
from headrace.events import ModelPromoted
from headrace.promotion import promotions, rollbacks
from headrace.promotion.promotions import Change
from headrace.tracing import TAG
from tests.fakes import FakePlatform, together
from tests.unit.headrace.promotion.champions import W, champion, observe, promote, three_versions


@pytest.fixture
def platform() -> FakePlatform:
    return three_versions()


def changes(platform: FakePlatform) -> list[tuple[int, int, str]]:
    return [(each.change, each.version, each.actor) for each in promotions.history(platform.store, W)]


def dies(at: str, alias: int = 1) -> Callable[[str], None]:
    """Let the registry fail at the call named, from the `alias`-th on."""
    seen = 0

    def before(method: str) -> None:
        nonlocal seen
        seen += method == at
        if seen >= alias and method == at:
            raise ConnectionError("killed")

    return before


def test_the_first_promotion_is_change_1_and_sets_the_alias(platform: FakePlatform) -> None:
    change = promote(platform, 2)
    assert (change.change, change.version, change.replaced, change.at) == (1, 2, None, platform.clock.now())
    assert platform.registry.workloads()[W] == {"champion": 2}


def test_the_next_promotion_remembers_what_it_replaced(platform: FakePlatform) -> None:
    promote(platform, 1)
    assert promote(platform, 2).replaced == 1
    assert platform.registry.workloads()[W] == {"champion": 2, "previous": 1}


def test_a_challenger_that_becomes_champion_is_challenger_no_more(platform: FakePlatform) -> None:
    platform.registry.set_alias(W, "challenger", 2)
    promote(platform, 2)
    assert "challenger" not in platform.registry.workloads()[W]


def test_another_versions_challenge_outlives_a_promotion(platform: FakePlatform) -> None:
    platform.registry.set_alias(W, "challenger", 3)
    promote(platform, 2)
    assert platform.registry.workloads()[W]["challenger"] == 3


def test_the_history_is_in_order_beyond_nine_changes(platform: FakePlatform) -> None:
    for number in range(12):
        promote(platform, number % 3 + 1)
        observe(platform)
    assert [change.change for change in promotions.history(platform.store, W)] == list(range(1, 13))


def test_five_promotions_of_the_same_version_at_once_are_one_change(platform: FakePlatform) -> None:
    meeting = Barrier(5)

    def meet(method: str, _: str) -> None:
        if method == "create":
            meeting.wait(timeout=10)

    platform.store.before = meet
    results = together(5, lambda: promotions.promote(platform, W, 1, "evaluator", "better", after=0))
    assert sum(isinstance(result, Change) for result in results) == 1
    assert sum(isinstance(result, Busy) for result in results) == 4
    assert changes(platform) == [(1, 1, "evaluator")]
    assert champion(platform) == 1


def test_a_promotion_that_was_decided_against_a_champion_who_is_gone_is_busy(platform: FakePlatform) -> None:
    promote(platform, 1)
    observe(platform)
    with pytest.raises(Busy):
        promotions.promote(platform, W, 2, "evaluator", "better than nothing", after=0)
    assert champion(platform) == 1


def test_a_promotion_is_told_once_with_its_actor_and_its_reason(platform: FakePlatform) -> None:
    promote(platform, 1)
    (fact,) = observe(platform)
    assert fact == ModelPromoted(workload=W, version=1, change=1, actor="evaluator", reason="it is better")
    assert observe(platform) == []


def test_a_promotion_counts_as_told_only_when_the_teller_came_back_for_more(platform: FakePlatform) -> None:
    promote(platform, 1)
    first = next(promotions.observe(platform, W))
    assert observe(platform) == [first]


def test_a_promotion_is_told_in_the_trace_of_the_models_training(platform: FakePlatform) -> None:
    platform.registry.tag(W, 1, {TAG: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"})
    promote(platform, 1)
    for _ in promotions.observe(platform, W):
        assert tracing.current().trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"


def test_an_alias_that_was_moved_by_hand_is_recorded_once(platform: FakePlatform) -> None:
    promote(platform, 1)
    observe(platform)
    platform.registry.set_alias(W, "champion", 3)
    (fact,) = observe(platform)
    assert (fact.version, fact.change, fact.replaced, fact.actor) == (3, 2, 1, "mlflow")
    assert observe(platform) == []
    assert changes(platform) == [(1, 1, "evaluator"), (2, 3, "mlflow")]


def test_what_was_rolled_back_and_then_set_again_by_hand_is_a_champion_to_return_to(platform: FakePlatform) -> None:
    promote(platform, 1)
    promote(platform, 2)
    assert rollbacks.rollback(platform, W, "somebody").version == 1
    observe(platform)
    for version in (2, 1):
        platform.registry.set_alias(W, "champion", version)
        observe(platform)
    assert rollbacks.rollback(platform, W, "somebody").version == 2


def test_an_alias_that_was_moved_by_hand_and_is_seen_by_five_at_once_is_one_change(platform: FakePlatform) -> None:
    platform.registry.set_alias(W, "champion", 3)
    meeting = Barrier(5)

    def meet(method: str, _: str) -> None:
        if method == "create":
            meeting.wait(timeout=10)

    platform.store.before = meet
    results = together(5, lambda: observe(platform))
    told = [fact.id for result in results if isinstance(result, list) for fact in result]
    assert len(set(told)) == 1
    assert changes(platform) == [(1, 3, "mlflow")]


def test_without_a_champion_there_is_nothing_to_tell(platform: FakePlatform) -> None:
    assert observe(platform) == []
    assert changes(platform) == []


def test_a_promotion_that_was_cut_short_before_the_alias_is_not_told_as_if_it_had_happened(
    platform: FakePlatform,
) -> None:
    promote(platform, 1)
    observe(platform)
    platform.registry.before = dies("set_alias")
    with pytest.raises(ConnectionError):
        promote(platform, 2)
    platform.registry.before = lambda _: None
    assert observe(platform) == []
    assert changes(platform) == [(1, 1, "evaluator"), (2, 2, "evaluator")]


@pytest.mark.parametrize("alias", [1, 2])
def test_a_promotion_that_was_cut_short_between_ledger_and_alias_is_finished(
    alias: int, platform: FakePlatform
) -> None:
    promote(platform, 1)
    observe(platform)
    platform.registry.before = dies("set_alias", alias)
    with pytest.raises(ConnectionError):
        promote(platform, 2)
    platform.registry.before = lambda _: None
    platform.clock.at += promotions.CUT_SHORT_AFTER
    promotions.finish(platform, W)
    assert champion(platform) == 1, "somebody may still be at it"
    platform.clock.advance(seconds=1)
    promotions.finish(platform, W)
    assert platform.registry.workloads()[W] == {"champion": 2, "previous": 1}
    assert [fact.change for fact in observe(platform)] == [2]


def test_a_promotion_that_was_cut_short_is_finished_by_whoever_decides_the_same_again(platform: FakePlatform) -> None:
    platform.registry.before = dies("set_alias")
    with pytest.raises(ConnectionError):
        promote(platform, 1)
    platform.registry.before = lambda _: None
    change = promote(platform, 1)
    assert change.change == 1
    assert changes(platform) == [(1, 1, "evaluator")]
    assert champion(platform) == 1


def test_a_promotion_that_was_told_is_not_finished_again_over_an_alias_moved_since(platform: FakePlatform) -> None:
    promote(platform, 1)
    observe(platform)
    platform.registry.set_alias(W, "champion", 2)
    platform.clock.advance(days=1)
    promotions.finish(platform, W)
    assert champion(platform) == 2


def test_an_alias_that_was_moved_by_hand_before_the_last_promotion_was_told_is_recorded_and_not_taken_back(
    platform: FakePlatform,
) -> None:
    promote(platform, 1)
    observe(platform)
    promote(platform, 2)
    platform.registry.set_alias(W, "champion", 3)
    platform.clock.advance(hours=1)
    promotions.finish(platform, W)
    assert champion(platform) == 3
    assert observe(platform)[-1].version == 3


def test_a_return_to_an_earlier_version_is_a_new_change_with_a_new_event_id(platform: FakePlatform) -> None:
    told = []
    for version in (1, 2, 1):
        platform.registry.set_alias(W, "champion", version)
        told += observe(platform)
    assert [fact.version for fact in told] == [1, 2, 1]
    assert [fact.change for fact in told] == [1, 2, 3]
    assert len({fact.id for fact in told}) == 3


def test_the_changes_of_one_workload_are_not_those_of_another_with_a_longer_name(platform: FakePlatform) -> None:
    platform.registry.register(f"{W}_2", "run", "nowhere", {})
    promote(platform, 1)
    assert promotions.history(platform.store, f"{W}_2") == []
    assert promotions.history(platform.store, W[:-1]) == []
