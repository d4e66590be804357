import json
from collections.abc import Callable
from datetime import timedelta
from threading import Event

from headrace.errors import Unavailable
from headrace.events import ModelPromoted, ModelRegistered, RetrainRequested
from headrace.records import driftlog
from headrace.records.driftlog import Entry
from headrace.training import pausing
from services.studio.reading import health
from tests.fakes import FakePlatform

from .keeping import W, told


def failing(message: str) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise Unavailable(message)

    return fail


def test_every_service_that_answers_says_something() -> None:
    look = health.look(FakePlatform(), lambda: 3, None)
    assert look.silent == []
    assert look.dead_letters == 3
    assert all(each.said for each in look.checked)


def test_a_service_that_is_down_is_told_in_its_sentence_and_the_others_are_asked_all_the_same() -> None:
    platform = FakePlatform()
    platform.registry.before = failing("MLflow does not answer")
    look = health.look(platform, lambda: 0, None)
    assert [(each.name, each.said) for each in look.silent] == [("Registry (MLflow)", "MLflow does not answer")]
    assert len(look.checked) == 6


def test_dead_letters_that_nobody_could_count_are_not_none() -> None:
    def uncounted() -> int:
        raise Unavailable("Pub/Sub does not answer")

    look = health.look(FakePlatform(), uncounted, None)
    assert look.dead_letters is None
    assert [each.name for each in look.silent] == ["Pub/Sub"]


def test_nobody_is_waited_for_longer_than_the_others_take() -> None:
    over = Event()
    slow, quick = health.ask({"slow": lambda: str(over.wait(60)), "quick": lambda: "here"}, patience=0.5)
    over.set()
    assert (slow.answers, slow.said) == (False, "no answer within 0.5 s")
    assert (quick.answers, quick.said) == (True, "here")


def test_services_are_asked_at_once() -> None:
    first, second = Event(), Event()

    def meet(mine: Event, other: Event) -> str:
        mine.set()
        return str(other.wait(10))

    found = health.ask({"a": lambda: meet(first, second), "b": lambda: meet(second, first)}, patience=10)
    assert [each.said for each in found] == ["True", "True"]


def test_a_change_that_the_reconciler_told_first_is_a_webhook_that_got_lost() -> None:
    platform = FakePlatform()
    promoted = ModelPromoted(workload=W, version=1, change=1, actor="evaluator", reason="the first")
    told(platform, ModelRegistered(workload=W, version=1), "registry_hook")
    told(platform, promoted, "reconcile")
    platform.clock.advance(minutes=1)
    told(platform, promoted, "registry_hook")
    told(platform, RetrainRequested(workload=W, request="r", dataset="d", actor="ana"), "reconcile")
    since = platform.clock.now() - timedelta(days=1)
    assert health.webhooks(platform.audit, since) == health.Webhooks(told=2, missed=1)


def test_a_change_that_both_told_is_no_lost_webhook_when_the_hook_was_first() -> None:
    platform = FakePlatform()
    told(platform, ModelRegistered(workload=W, version=1), "registry_hook")
    platform.clock.advance(seconds=30)
    told(platform, ModelRegistered(workload=W, version=1), "reconcile")
    assert health.webhooks(platform.audit, platform.clock.now() - timedelta(days=1)).missed == 0


def test_rejected_messages_come_with_the_newest_first() -> None:
    platform = FakePlatform()
    for name in ("a", "b"):
        record = {"event": name, "component": "trainer", "reason": f"because of {name}"}
        platform.store.write(f"rejected/trainer/{name}.json", json.dumps(record).encode())
        platform.clock.advance(minutes=1)
    assert [each.reason for each in health.rejections(platform.store)] == ["because of b", "because of a"]


def test_the_last_drift_check_of_each_workload_is_told() -> None:
    platform = FakePlatform()
    now = platform.clock.now()
    entry = Entry(at=now, workload=W, check="1", version=1, rows=5, verdict="steady", outcome="nothing moved")
    driftlog.record(platform.store, entry)
    found = health.drift(platform.store)
    assert found[W] == entry
    assert found["sentiment"] is None


def test_a_pause_is_told_with_what_waits() -> None:
    platform = FakePlatform()
    assert health.pause(platform.store) == ""
    pausing.begin(platform, "ana", "the holidays")
    assert "by ana: the holidays. 0 asked for meanwhile wait" in health.pause(platform.store)
