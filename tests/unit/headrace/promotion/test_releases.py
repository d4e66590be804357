"""The numbers that versions get by what changed: fields, data, candidate, or nothing."""

from threading import Barrier

import pytest

from headrace.errors import Busy
from headrace.ports import Version
from headrace.promotion import releases
from headrace.workload import Field
from tests.fakes import FakePlatform, together

W = "loan_default"
AMOUNT, GRADE = Field("amount", "number"), Field("grade", "text", required=False, choices=("A", "B"))


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


def registered(platform: FakePlatform, dataset: str = "one", candidate: str = "xgboost") -> Version:
    return platform.registry.register(W, "run", "", {"headrace.dataset": dataset, "headrace.candidate": candidate})


def number(platform: FakePlatform, version: Version, *fields: Field) -> str:
    return releases.release(platform.store, version, fields or (AMOUNT, GRADE))


def test_versions_count_by_what_changed_since_the_last_one(platform: FakePlatform) -> None:
    given = [
        number(platform, registered(platform)),
        number(platform, registered(platform)),
        number(platform, registered(platform, dataset="two")),
        number(platform, registered(platform, dataset="two", candidate="random_forest")),
        number(platform, registered(platform, dataset="two", candidate="random_forest")),
        number(platform, registered(platform, dataset="two", candidate="random_forest"), AMOUNT),
        number(platform, registered(platform, dataset="two", candidate="random_forest"), AMOUNT),
    ]
    assert given == ["1.0.0", "1.0.1", "1.1.0", "1.2.0", "1.2.1", "2.0.0", "2.0.1"]


@pytest.mark.parametrize(
    "other",
    [
        Field("grade", "number", required=False),
        Field("grade", "text", required=True),
        Field("rating", "text", required=False),
    ],
)
def test_a_field_of_another_name_or_kind_or_one_that_is_asked_for_now_is_a_major_change(
    other: Field, platform: FakePlatform
) -> None:
    number(platform, registered(platform))
    assert number(platform, registered(platform), AMOUNT, other) == "2.0.0"


def test_other_values_another_order_and_other_words_about_a_field_change_nothing_for_clients(
    platform: FakePlatform,
) -> None:
    number(platform, registered(platform))
    same = Field("grade", "text", "the lender's", required=False, choices=("A", "B", "C"))
    assert number(platform, registered(platform), same, AMOUNT) == "1.0.1"


def test_a_version_keeps_its_number_however_often_it_is_asked_for(platform: FakePlatform) -> None:
    version = registered(platform)
    assert [number(platform, version) for _ in range(5)] == ["1.0.0"] * 5
    assert len(platform.store.names("releases/")) == 1
    platform.registry.tag(W, version.number, {releases.SEMVER: "1.0.0"})
    number(platform, registered(platform))
    assert number(platform, platform.registry.version(W, version.number)) == "1.0.0"


def test_no_two_versions_get_the_same_number_at_once(platform: FakePlatform) -> None:
    versions, meeting = iter([registered(platform) for _ in range(5)]), Barrier(5)

    def meet(method: str, _: str) -> None:
        if method == "create":
            meeting.wait(timeout=10)

    platform.store.before = meet
    results = together(5, lambda: number(platform, next(versions)))
    assert results.count("1.0.0") == 1
    assert sum(isinstance(result, Busy) for result in results) == 4


def test_the_numbers_of_one_workload_are_not_those_of_another_with_a_longer_name(platform: FakePlatform) -> None:
    number(platform, registered(platform))
    longer = platform.registry.register(f"{W}_2", "run", "", {})
    assert number(platform, longer) == "1.0.0"
