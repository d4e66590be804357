from datetime import UTC, datetime

import pytest

from headrace.bus.triggers import BudgetReported
from headrace.errors import Busy, Rejected
from headrace.events import DatasetReady, Event
from headrace.ports import Objects
from headrace.tracing import Trace, use
from headrace.training import pausing
from headrace.training.pausing import Pause
from tests.fakes import FakePlatform, together

READY = DatasetReady(workload="loan_default", dataset="9f2c41d8a7b35e60", manifest="gs://local-headrace-store/m.json")
TRACE = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
MARCH, APRIL = datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 4, 1, 7, tzinfo=UTC)


@pytest.fixture
def platform() -> FakePlatform:
    """On 2 March."""
    return FakePlatform()


def report(cost: float = 50.08, since: datetime = MARCH, amount: float = 50) -> BudgetReported:
    return BudgetReported(budget="b-1", name="headrace", cost=cost, amount=amount, currency="EUR", since=since)


def told_again(platform: FakePlatform) -> list[Event]:
    """What a resumption tells."""
    found = list(pausing.waiting(platform.store, pausing.resume(platform, "ana")))
    assert all(isinstance(received.fact, Event) for received in found)
    return [received.fact for received in found if isinstance(received.fact, Event)]


def test_nothing_is_paused_or_put_aside_at_first(platform: FakePlatform) -> None:
    assert pausing.current(platform.store) is None
    assert not pausing.put_aside(platform, READY)
    assert platform.store.names() == ()


def test_a_pause_says_since_when_by_whom_and_why_until_it_is_over(platform: FakePlatform) -> None:
    begun = pausing.begin(platform, "ana", "the holidays")
    assert pausing.current(platform.store) == begun
    assert str(begun) == "training is paused since 2026-03-02 08:00 by ana: the holidays"
    pausing.resume(platform, "bo")
    assert pausing.current(platform.store) is None
    assert pausing.history(platform.store) == [begun]


def test_a_second_pause_is_refused_with_the_reason_of_the_first(platform: FakePlatform) -> None:
    pausing.begin(platform, "ana", "the holidays")
    with pytest.raises(Rejected, match=r"by ana: the holidays; `headrace resume` goes on"):
        pausing.begin(platform, "bo", "another")


def test_of_five_who_pause_at_once_one_does(platform: FakePlatform) -> None:
    results = together(5, lambda: pausing.begin(platform, "ana", "the holidays"))
    assert sum(not isinstance(result, Busy | Rejected) for result in results) == 1
    assert len(pausing.history(platform.store)) == 1


def test_what_is_put_aside_is_told_again_once_with_its_trace(platform: FakePlatform) -> None:
    pausing.begin(platform, "ana", "the holidays")
    with use(TRACE):
        assert all(pausing.put_aside(platform, READY) for _ in range(3))
    (received,) = pausing.waiting(platform.store, pausing.resume(platform, "ana"))
    assert (received.fact, received.id, received.trace) == (READY, READY.id, TRACE)
    with pytest.raises(Rejected, match="training is not paused"):
        pausing.resume(platform, "ana")


def test_a_resumption_that_was_cut_short_is_taken_up_where_it_was(platform: FakePlatform) -> None:
    another = READY.model_copy(update={"dataset": "77c1e0b54d9a2f38"})
    pause = pausing.begin(platform, "ana", "the holidays")
    for event in (READY, another):
        pausing.put_aside(platform, event)
    cut_short = pausing.waiting(platform.store, pausing.resume(platform, "ana"))
    first, second = next(cut_short).fact, next(cut_short).fact
    assert pausing.count_waiting(platform.store, pause) == 1, "the one that may not have been told"
    assert told_again(platform) == [second]
    assert {first, second} == {READY, another}


def test_an_event_that_comes_while_training_is_resumed_is_not_put_aside(platform: FakePlatform) -> None:
    pausing.begin(platform, "ana", "the holidays")
    resumed = iter((True,))

    def between(method: str, name: str) -> None:
        if method == "write" and name.startswith("waiting/") and next(resumed, False):
            pausing.resume(platform, "bo")

    platform.store.before = between
    assert not pausing.put_aside(platform, READY)


def test_what_waited_for_the_last_pause_is_not_told_after_the_next(platform: FakePlatform) -> None:
    pausing.begin(platform, "ana", "the holidays")
    pausing.put_aside(platform, READY)
    assert told_again(platform) == [READY]
    pausing.begin(platform, "ana", "the next ones")
    assert told_again(platform) == []


def test_to_resume_what_was_never_paused_is_refused(platform: FakePlatform) -> None:
    with pytest.raises(Rejected, match="training is not paused"):
        pausing.resume(platform, "ana")


@pytest.mark.parametrize("cost", [0, 27.31, 49.99])
def test_a_budget_with_something_left_pauses_nothing(cost: float, platform: FakePlatform) -> None:
    assert pausing.heed(platform, report(cost)) is None
    assert platform.store.names() == ()


def test_a_spent_budget_pauses_training_once_however_often_it_is_reported(platform: FakePlatform) -> None:
    pauses = [pausing.heed(platform, report(50 + more)) for more in range(5)]
    assert [pause is not None for pause in pauses] == [True, False, False, False, False]
    (pause,) = pausing.history(platform.store)
    assert pause.reason == ("of the budget headrace, 50 EUR for the month from 2026-03-01, 50 EUR are spent")


def test_who_resumes_in_a_month_whose_budget_is_spent_is_not_stopped_again(platform: FakePlatform) -> None:
    pausing.heed(platform, report())
    pausing.resume(platform, "ana")
    assert pausing.heed(platform, report(61)) is None
    assert pausing.current(platform.store) is None


def test_a_budget_that_was_raised_and_is_spent_again_pauses_again(platform: FakePlatform) -> None:
    pausing.heed(platform, report())
    pausing.resume(platform, "ana")
    assert pausing.heed(platform, report(80, amount=75)) is not None


def test_the_last_months_bills_pause_nothing_in_the_next_month_whose_own_budget_does(platform: FakePlatform) -> None:
    platform.clock.at = APRIL
    assert pausing.heed(platform, report(70, since=MARCH)) is None
    assert pausing.heed(platform, report(50, since=APRIL)) is not None


def test_a_spent_budget_leaves_a_persons_pause_alone(platform: FakePlatform) -> None:
    mine = pausing.begin(platform, "ana", "the holidays")
    assert pausing.heed(platform, report()) is None
    assert pausing.current(platform.store) == mine


def test_a_report_that_was_held_up_until_another_was_heeded_and_resumed_pauses_nothing(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = pausing.history

    def held_up(store: Objects) -> list[Pause]:
        found = history(store)
        monkeypatch.undo()
        pausing.heed(platform, report(50.0))
        pausing.resume(platform, "ana")
        return found

    monkeypatch.setattr(pausing, "history", held_up)
    with pytest.raises(Busy):
        pausing.heed(platform, report())
    assert pausing.heed(platform, report()) is None
    assert pausing.current(platform.store) is None
    assert len(pausing.history(platform.store)) == 1
