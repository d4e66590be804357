from datetime import UTC, datetime

import pytest

from headrace.errors import Busy
from services.drift import state
from services.drift.state import Bounds, State, Streak
from services.drift.volume import Volume
from tests.fakes import FakeObjects, FakePlatform, together

W = "loan_default"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def store() -> FakeObjects:
    return FakePlatform().store


def test_a_workload_that_was_never_checked_begins_at_the_beginning(store: FakeObjects) -> None:
    assert state.load(store, W) == (State(checked="", pending=None, retrainings=()), 0)


def test_what_was_saved_is_loaded_with_its_generation(store: FakeObjects) -> None:
    kept = State(
        checked="predictions/07",
        since=NOON,
        heard="feedback/07",
        pending=Bounds(version=3, until="predictions/09", at=NOON),
        streak=Streak(version=3, checks=1, parts=("labels",)),
        volumes=(Volume(1200, 1.5),),
        suspected=("dti",),
        refused=True,
        retrainings=(NOON,),
    )
    generation = state.save(store, W, kept, over=0)
    assert state.load(store, W) == (kept, generation)


def test_the_states_of_workloads_are_apart(store: FakeObjects) -> None:
    state.save(store, W, State(checked="predictions/07"), over=0)
    assert state.load(store, "other") == (State(), 0)


def test_a_check_that_another_has_overtaken_is_busy_and_changes_nothing(store: FakeObjects) -> None:
    first = state.save(store, W, State(checked="1"), over=0)
    state.save(store, W, State(checked="2"), over=first)
    with pytest.raises(Busy, match="another drift check of loan_default is under way"):
        state.save(store, W, State(checked="3"), over=first)
    assert state.load(store, W)[0].checked == "2"


def test_of_two_checks_that_begin_at_once_one_goes_on(store: FakeObjects) -> None:
    results = together(2, lambda: state.save(store, W, State(checked="1"), over=0))
    assert sum(isinstance(result, Busy) for result in results) == 1
