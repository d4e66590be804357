"""A pause that is over: what waited is told again, once."""

import json

import pytest

from headrace.errors import Rejected
from headrace.events import DatasetReady
from headrace.training import pausing, resuming
from tests.fakes import FakePlatform


def ready(number: int) -> DatasetReady:
    return DatasetReady(workload="loan_default", dataset=f"d{number}", manifest="gs://local-headrace-store/m.json")


def test_what_waited_is_on_the_bus_again_and_the_word_that_ended_the_pause_is_kept(platform: FakePlatform) -> None:
    pausing.begin(platform, "ana", "the holidays")
    for number in (1, 2):
        assert pausing.put_aside(platform, ready(number))
    told = list(resuming.resume(platform, "bo", "they are over"))
    assert {fact.id for fact in told} == {ready(1).id, ready(2).id}
    assert [each.fact for each in platform.bus.received] == told
    kept = json.loads(platform.store.read("pauses/000001.over"))
    assert (kept["actor"], kept["reason"]) == ("bo", "they are over")
    assert pausing.current(platform.store) is None


def test_a_resumption_that_was_cut_short_tells_the_rest_when_it_is_taken_up(platform: FakePlatform) -> None:
    pausing.begin(platform, "ana", "the holidays")
    for number in range(3):
        pausing.put_aside(platform, ready(number))
    first = resuming.resume(platform, "bo")
    begun = [next(first), next(first)]  # the second is on the bus, but that it was told is not written yet
    del first
    rest = list(resuming.resume(platform, "bo"))
    assert rest[0] == begun[1]
    assert {fact.id for fact in (*begun, *rest)} == {ready(number).id for number in range(3)}


def test_there_is_nothing_to_resume_where_nothing_is_paused(platform: FakePlatform) -> None:
    with pytest.raises(Rejected, match="not paused"):
        list(resuming.resume(platform, "bo"))
