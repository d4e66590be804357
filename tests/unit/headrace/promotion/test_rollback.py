import pytest

from headrace.errors import Busy, Rejected
from headrace.promotion import rollbacks
from headrace.promotion.promotions import VERDICT
from tests.fakes import FakePlatform
from tests.unit.headrace.promotion.champions import W, champion, observe, promote, three_versions


@pytest.fixture
def platform() -> FakePlatform:
    return three_versions()


def promoted(platform: FakePlatform, *versions: int) -> None:
    """Let each be promoted and told in turn."""
    for version in versions:
        promote(platform, version)
        observe(platform)


def test_a_rollback_returns_to_the_champion_before_and_says_who_asked(platform: FakePlatform) -> None:
    promoted(platform, 1, 2)
    change = rollbacks.rollback(platform, W, "ana")
    assert (change.version, change.replaced, change.actor) == (1, 2, "ana")
    assert change.reason == "rolled back from version 2"
    assert platform.registry.workloads()[W] == {"champion": 1, "previous": 2}
    assert [fact.change for fact in observe(platform)] == [3]


def test_a_rollback_skips_versions_that_were_rolled_back_before(platform: FakePlatform) -> None:
    promoted(platform, 1, 2, 3)
    rollbacks.rollback(platform, W, "ana")
    observe(platform)
    assert champion(platform) == 2
    rollbacks.rollback(platform, W, "ana")
    observe(platform)
    assert champion(platform) == 1


def test_a_rollback_skips_versions_that_were_deleted_since(platform: FakePlatform) -> None:
    promoted(platform, 1, 2, 3)
    platform.registry.delete(W, 2)
    rollbacks.rollback(platform, W, "ana")
    assert champion(platform) == 1


def test_a_version_that_was_left_is_marked_as_rolled_back(platform: FakePlatform) -> None:
    promoted(platform, 1, 2)
    rollbacks.rollback(platform, W, "ana")
    assert platform.registry.version(W, 2).tags[VERDICT] == "rolled back"
    assert VERDICT not in platform.registry.version(W, 1).tags


def test_a_rollback_without_a_champion_is_refused(platform: FakePlatform) -> None:
    with pytest.raises(Rejected, match="loan_default has no champion yet"):
        rollbacks.rollback(platform, W, "ana")


def test_a_rollback_from_the_only_champion_is_refused_and_changes_nothing(platform: FakePlatform) -> None:
    promoted(platform, 1)
    before = (platform.store.names(), platform.registry.versions(W), platform.registry.workloads()[W])
    with pytest.raises(Rejected, match="version 1"):
        rollbacks.rollback(platform, W, "ana")
    assert (platform.store.names(), platform.registry.versions(W), platform.registry.workloads()[W]) == before


def test_a_refused_rollback_does_not_keep_the_version_from_being_returned_to_later(platform: FakePlatform) -> None:
    promoted(platform, 1)
    with pytest.raises(Rejected):
        rollbacks.rollback(platform, W, "ana")
    promoted(platform, 2)
    rollbacks.rollback(platform, W, "ana")
    assert champion(platform) == 1


def test_a_rollback_from_what_is_champion_no_more_is_refused(platform: FakePlatform) -> None:
    promoted(platform, 1, 2, 3)
    assert rollbacks.target(platform, W) == 2
    with pytest.raises(Busy, match="is version 3 by now, not 2"):
        rollbacks.rollback(platform, W, "ana", of=2)
    assert champion(platform) == 3
    assert rollbacks.rollback(platform, W, "ana", of=3).version == 2
