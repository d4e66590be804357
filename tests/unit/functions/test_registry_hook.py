import pytest

from functions.registry_hook.main import alias_removed, alias_set, version_created
from headrace import tracing
from headrace.bus.triggers import AliasRemoved, AliasSet, VersionCreated
from headrace.events import ModelPromoted, ModelRegistered
from headrace.tracing import TAG
from tests.fakes import FakePlatform

W = "loan_default"


@pytest.fixture
def platform() -> FakePlatform:
    """Version 1 is champion; version 2 is not."""
    platform = FakePlatform()
    for _ in range(2):
        platform.registry.register(W, "run", "nowhere", {})
    platform.registry.set_alias(W, "champion", 1)
    return platform


def heard(platform: FakePlatform, alias: str = "champion", version: int = 1, name: str = W) -> list[ModelPromoted]:
    return list(alias_set(AliasSet(name=name, alias=alias, version=version), platform))


def test_a_new_version_is_told_in_the_trace_of_its_training(platform: FakePlatform) -> None:
    header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    telling = version_created(VersionCreated(name=W, version=2, tags={TAG: header}), platform)
    assert next(telling) == ModelRegistered(workload=W, version=2)
    assert tracing.current().trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert list(telling) == []
    assert tracing.active() is None


def test_a_version_of_a_model_that_is_no_workload_is_not_told(platform: FakePlatform) -> None:
    assert list(version_created(VersionCreated(name="somebody's model", version=1), platform)) == []


def test_a_champion_of_a_model_that_is_no_workload_is_not_told(platform: FakePlatform) -> None:
    platform.registry.register("somebody's model", "run", "nowhere", {})
    platform.registry.set_alias("somebody's model", "champion", 1)
    assert heard(platform, name="somebody's model") == []


def test_an_alias_that_is_not_the_champion_is_not_told(platform: FakePlatform) -> None:
    assert heard(platform, alias="challenger", version=2) == []
    assert platform.store.names() == ()


def test_an_alias_that_was_removed_from_a_model_that_is_no_workload_is_not_kept(platform: FakePlatform) -> None:
    assert list(alias_removed(AliasRemoved(name="somebody's model", alias="champion"), platform)) == []
    assert platform.store.names() == ()


def test_a_champion_is_told_once_however_often_the_alias_is_set_to_it(platform: FakePlatform) -> None:
    assert [fact.version for _ in range(5) for fact in heard(platform)] == [1]


def test_a_delivery_that_came_late_tells_what_the_alias_says_now(platform: FakePlatform) -> None:
    platform.registry.set_alias(W, "champion", 2)
    (fact,) = heard(platform, version=1)
    assert fact.version == 2
    assert heard(platform, version=2) == []
