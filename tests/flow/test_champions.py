"""Champions changed by people: a rollback, and an alias moved by hand in MLflow."""

import time

import pytest

from headrace.bus.runtime import publish
from headrace.events import ModelRegistered
from headrace.promotion import promotions, rollbacks
from headrace.tracing import parse, use
from tests.flow import deliveries
from tests.flow.loop import WORKLOAD, Loop
from tests.flow.outcome import assert_nothing_was_told_twice, assert_one_champion, promotion
from tests.flow.waiting import eventually

EVENT_SECONDS = 2.0
"""An instance that is told of a change answers with it; those that only poll look every ten seconds."""


@pytest.fixture
def two_champions(shared: Loop, first_turn: str) -> tuple[int, int]:
    """The version before, and a challenger that has just replaced it."""
    before = shared.champion()
    assert before is not None
    _served(shared, before)
    new = next(version.number for version in shared.versions(first_turn) if version.number != before)
    past = shared.ledger()
    promotions.promote(shared.platform, WORKLOAD, new, "a person", "to be rolled back", after=len(past))
    _told(shared, len(past) + 1)
    _served(shared, new)
    return before, new


def test_a_rollback_serves_the_earlier_version_at_once(shared: Loop, two_champions: tuple[int, int]) -> None:
    before, new = two_champions
    change = rollbacks.rollback(shared.platform, WORKLOAD, "a person")
    began = time.monotonic()
    _served(shared, before)
    assert time.monotonic() - began < EVENT_SECONDS
    assert (change.version, change.replaced) == (before, new)
    _told(shared, change.change)
    assert_one_champion(shared)
    assert_nothing_was_told_twice(shared)


def test_what_was_rolled_back_is_not_promoted_by_a_repeat_of_its_event(
    shared: Loop, two_champions: tuple[int, int]
) -> None:
    before, new = two_champions
    rollbacks.rollback(shared.platform, WORKLOAD, "a person")
    _served(shared, before)
    ledger = shared.ledger()
    tags = {"tags": shared.platform.registry.version(WORKLOAD, new).tags}
    hook = deliveries.webhook(shared.stack, "model_version", "created", {"name": WORKLOAD, "version": str(new), **tags})
    deliveries.five_times_shuffled([hook])
    with use(parse(None)):
        publish(ModelRegistered(workload=WORKLOAD, version=new), shared.platform)
    deliveries.five_times_shuffled([deliveries.due(shared.stack, "reconcile")])
    assert_nothing_was_told_twice(shared)
    assert shared.ledger() == ledger
    assert shared.champion() == before
    assert shared.platform.registry.version(WORKLOAD, new).tags[promotions.VERDICT] == "rolled back"


def test_an_alias_moved_by_hand_is_served_and_recorded_and_told_once(shared: Loop, first_turn: str) -> None:
    before, count = shared.champion(), len(shared.ledger())
    assert before is not None
    chosen = next(version.number for version in shared.versions(first_turn) if version.number != before)
    _served(shared, before)
    shared.platform.registry.set_alias(WORKLOAD, "champion", chosen)
    _served(shared, chosen)
    _told(shared, count + 1)
    deliveries.five_times_shuffled(
        [
            deliveries.webhook(
                shared.stack,
                "model_version_alias",
                "created",
                {"name": WORKLOAD, "alias": "champion", "version": str(chosen)},
            ),
            deliveries.due(shared.stack, "reconcile"),
        ]
    )
    assert_nothing_was_told_twice(shared)
    (change,) = shared.ledger()[count:]
    assert (change.version, change.replaced, change.actor) == (chosen, before, "mlflow")
    assert_one_champion(shared)


def _served(loop: Loop, version: int) -> None:
    eventually(lambda: loop.predict()["version"] == version, f"an answer of version {version}")


def _told(loop: Loop, number: int) -> None:
    eventually(lambda: len(loop.ledger()) >= number, f"change {number} of the champion")
    eventually(lambda: loop.people.told()[promotion(loop.ledger()[number - 1])], f"people told of change {number}")
