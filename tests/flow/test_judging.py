"""The evaluator hindered, and two datasets at once: every version is judged once, one after the other."""

import pytest

from headrace.promotion.promotions import VERDICT
from tests.flow.loop import WORKLOAD, Loop
from tests.flow.moments import all_registered, judging
from tests.flow.outcome import assert_everything_happened_once, assert_one_champion
from tests.flow.processes import kill, stopped
from tests.flow.waiting import eventually


@pytest.mark.slow
def test_an_evaluator_that_fails_three_times_judges_once_it_can(shared: Loop, first_turn: str) -> None:
    with stopped(shared.stack, "evaluator"):
        dataset = shared.drop()
        eventually(lambda: all_registered(shared, dataset), "a version of every candidate")
        name = f"testsets/{WORKLOAD}/{dataset}.json"
        frozen = shared.platform.store.read(name)
        shared.platform.store.write(name, b"torn")
        failed = _failures(shared)
    eventually(lambda: _failures(shared) >= failed + 3, "three attempts that failed")
    assert len(shared.unjudged(dataset)) == 3
    shared.platform.store.write(name, frozen)
    shared.settle(dataset)
    assert_everything_happened_once(shared, dataset)


def test_an_evaluator_that_is_killed_three_times_while_it_judges_judges_once(shared: Loop, first_turn: str) -> None:
    dataset = shared.drop(drift=0.8)
    for _ in range(3):
        eventually(lambda: judging(shared, dataset), "a version being judged")
        kill(shared.stack, "evaluator")
    shared.settle(dataset)
    assert_everything_happened_once(shared, dataset)


def test_two_datasets_dropped_at_once_are_judged_one_version_at_a_time(shared: Loop, first_turn: str) -> None:
    datasets = [shared.drop(drift) for drift in (0.0, 1.0)]
    for dataset in datasets:
        shared.settle(dataset)
    for dataset in datasets:
        assert_everything_happened_once(shared, dataset)
    versions = [version for dataset in datasets for version in shared.versions(dataset)]
    replaced = {change.version: change.replaced for change in shared.ledger()}
    for version in versions:
        if version.tags[VERDICT] == "promoted":
            assert int(version.tags["headrace.against"]) == replaced[version.number], "judged against a past champion"
    assert_one_champion(shared)


def _failures(loop: Loop) -> int:
    return loop.log("pubsub").count("of projects/local-headrace/subscriptions/evaluator-model-registered was not taken")
