"""A training that somebody asks for."""

import pytest

from headrace.data import datasets
from headrace.data.datasets import Manifest
from headrace.errors import Rejected
from headrace.training import asking
from tests.fakes import FakePlatform

W, DATASET = "loan_default", "9f2c41d8a7b35e60"


@pytest.fixture
def platform() -> FakePlatform:
    platform = FakePlatform()
    datasets.publish(platform.store, Manifest(workload=W, dataset=DATASET, source="gs://data/x.csv#1", files=()))
    return platform


def test_a_training_is_asked_for_on_the_champions_data_with_who_and_why(platform: FakePlatform) -> None:
    platform.registry.register(W, "run", "source", {"headrace.dataset": DATASET})
    platform.registry.set_alias(W, "champion", 1)
    asked = asking.ask(platform, W, "ana", reason="the rates have changed")
    assert (asked.dataset, asked.actor, asked.reason) == (DATASET, "ana", "the rates have changed")
    assert platform.bus.facts == [asked]


def test_each_time_is_a_request_of_its_own(platform: FakePlatform) -> None:
    first, second = (asking.ask(platform, W, "ana", DATASET) for _ in range(2))
    assert first.id != second.id


@pytest.mark.parametrize(
    ("tags", "said"),
    [(None, "has no champion; name the dataset"), ({}, "version 1 of loan_default does not say its dataset")],
)
def test_without_a_dataset_to_go_by_nothing_is_asked(
    platform: FakePlatform, tags: dict[str, str] | None, said: str
) -> None:
    if tags is not None:
        platform.registry.register(W, "run", "source", tags)
        platform.registry.set_alias(W, "champion", 1)
    with pytest.raises(Rejected, match=said):
        asking.ask(platform, W, "ana")
    assert platform.bus.facts == []


def test_a_dataset_or_a_workload_that_is_not_there_is_named(platform: FakePlatform) -> None:
    with pytest.raises(Rejected, match="no dataset version 'other'"):
        asking.ask(platform, W, "ana", "other")
    with pytest.raises(Rejected, match="no workload named 'loans'"):
        asking.ask(platform, "loans", "ana", DATASET)
