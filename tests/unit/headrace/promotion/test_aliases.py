"""Who moved which alias: the ledger that the registry's hook and the reconciler keep, and the audit made of it."""

from threading import Barrier

import pytest

from functions.reconcile.main import reconcile
from functions.registry_hook.main import alias_removed, alias_set
from headrace.bus.triggers import AliasRemoved, AliasSet, ScheduleDue
from headrace.promotion import aliases, promotions, trials
from headrace.promotion.rejections import TRIAL
from headrace.records import trail
from headrace.records.trail import Entry
from tests.fakes import FakePlatform, together
from tests.unit.headrace.promotion.champions import W, observe, promote, three_versions


@pytest.fixture
def platform() -> FakePlatform:
    return three_versions()


def moved(platform: FakePlatform) -> list[tuple[str, int | None, int | None, str]]:
    seen = aliases.history(platform.store, W)
    return [(each.alias, each.before, each.version, each.actor) for one in seen for each in one.moved]


def entries(platform: FakePlatform) -> list[tuple[str, int | None, str, bool]]:
    return [(each.what, each.version, each.actor, each.by_hand) for each in trail.entries(platform.store, W)]


def test_a_promotion_is_one_entry_with_its_actor_and_its_reason_and_previous_follows(platform: FakePlatform) -> None:
    promote(platform, 1)
    observe(platform)
    aliases.observe(platform, W)
    platform.clock.advance(minutes=1)
    promote(platform, 2)
    observe(platform)
    aliases.observe(platform, W)
    first, second, previous = trail.entries(platform.store, W)
    at = platform.clock.now()
    assert second == Entry(at, W, "champion", 2, 1, "evaluator", False, "it is better")
    assert previous == Entry(at, W, "previous", 1, None, "evaluator", False, "it is better")
    assert (first.version, first.before) == (1, None)


def test_a_champion_that_was_set_by_hand_is_marked_so_and_so_is_its_predecessor(platform: FakePlatform) -> None:
    promote(platform, 1)
    observe(platform)
    platform.registry.set_alias(W, "champion", 3)
    list(alias_set(AliasSet(name=W, alias="champion", version=3), platform))
    assert platform.registry.workloads()[W] == {"champion": 3, "previous": 1}
    assert entries(platform) == [
        ("champion", 1, "evaluator", False),
        ("champion", 3, "mlflow", True),
        ("previous", 1, "mlflow", True),
    ]


@pytest.mark.parametrize("alias", ["challenger", "previous", "staging"])
def test_any_other_alias_that_is_set_by_hand_and_taken_away_again_is_seen(alias: str, platform: FakePlatform) -> None:
    platform.registry.set_alias(W, alias, 3)
    for _ in range(5):
        assert list(alias_set(AliasSet(name=W, alias=alias, version=3), platform)) == []
    platform.registry.delete_alias(W, alias)
    for _ in range(5):
        list(reconcile(ScheduleDue(schedule="reconcile"), platform))
    assert moved(platform) == [(alias, None, 3, "mlflow"), (alias, 3, None, "mlflow")]
    assert [each.reason for each in trail.entries(platform.store, W)] == [
        "the alias was set in MLflow",
        "the alias was removed in MLflow",
    ]


def test_a_champion_whose_alias_was_removed_by_hand_is_seen_as_that(platform: FakePlatform) -> None:
    promote(platform, 1)
    observe(platform)
    aliases.observe(platform, W)
    platform.registry.delete_alias(W, "champion")
    for _ in range(5):
        assert list(alias_removed(AliasRemoved(name=W, alias="champion"), platform)) == []
    assert entries(platform) == [("champion", 1, "evaluator", False), ("champion", None, "mlflow", True)]


def test_a_trial_names_a_challenger_and_takes_the_name_away_without_a_hand_in_it(platform: FakePlatform) -> None:
    trials.begin(platform, platform.registry.version(W, 2))
    aliases.observe(platform, W)
    platform.registry.tag(W, 2, {TRIAL: "{}"})
    platform.registry.delete_alias(W, "challenger")
    aliases.observe(platform, W)
    assert moved(platform) == [("challenger", None, 2, "evaluator"), ("challenger", 2, None, "evaluator")]


def test_a_challenger_whose_alias_was_taken_during_its_trial_was_taken_by_hand(platform: FakePlatform) -> None:
    trials.begin(platform, platform.registry.version(W, 2))
    aliases.observe(platform, W)
    platform.registry.delete_alias(W, "challenger")
    aliases.observe(platform, W)
    assert moved(platform)[-1] == ("challenger", 2, None, "mlflow")


def test_five_who_see_the_same_change_at_once_keep_it_once(platform: FakePlatform) -> None:
    platform.registry.set_alias(W, "staging", 2)
    meeting = Barrier(5)

    def meet(method: str, _: str) -> None:
        if method == "create":
            meeting.wait(timeout=10)

    platform.store.before = meet
    assert together(5, lambda: aliases.observe(platform, W)) == [None] * 5
    assert moved(platform) == [("staging", None, 2, "mlflow")]


def test_a_champion_that_its_own_ledger_does_not_know_yet_is_left_to_it(platform: FakePlatform) -> None:
    platform.registry.set_alias(W, "champion", 1)
    aliases.observe(platform, W)
    assert moved(platform) == []
    observe(platform)
    aliases.observe(platform, W)
    assert entries(platform) == [("champion", 1, "mlflow", True)]


def test_a_champion_whose_predecessor_was_deleted_is_promoted_all_the_same(platform: FakePlatform) -> None:
    promote(platform, 1)
    observe(platform)
    platform.registry.delete(W, 1)
    promotions.promote(platform, W, 2, "evaluator", "nothing is left to beat", after=1)
    assert platform.registry.workloads()[W] == {"champion": 2}
