from datetime import timedelta

import pytest

from functions.reconcile.main import GRACE, reconcile
from headrace import catalogue
from headrace.bus import runtime
from headrace.bus.envelope import Received
from headrace.bus.triggers import ScheduleDue
from headrace.events import ModelPromoted, ModelRegistered, TrainingFailed
from headrace.ports import JobSpec
from headrace.promotion import promotions
from headrace.promotion.promotions import VERDICT
from headrace.tracing import TAG, parse
from headrace.training import overdue
from tests.fakes import FakePlatform

W = "loan_default"
HEADER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
LABELS = {
    "training": "job-1",
    "workload": "loan_default",
    "candidate": "xgboost",
    "dataset": "9f2c41d8a7b35e60",
    "attempt": "1",
}


def due(platform: FakePlatform) -> None:
    """One round, as the schedule has it."""
    platform.bus.messages.clear()
    received = Received(ScheduleDue(schedule="reconcile"), "schedule-reconcile", parse(None))
    runtime.handle(received, {ScheduleDue: reconcile}, platform)


def register(platform: FakePlatform, workload: str = W, **tags: str) -> None:
    platform.registry.register(workload, "run", "nowhere", tags)


def test_a_version_without_a_verdict_is_announced_after_the_grace_in_the_trace_of_its_training(
    platform: FakePlatform,
) -> None:
    register(platform, **{TAG: HEADER})
    platform.clock.at += GRACE
    due(platform)
    assert platform.bus.facts == []
    platform.clock.advance(seconds=1)
    due(platform)
    (received,) = platform.bus.received
    assert received.fact == ModelRegistered(workload=W, version=1)
    assert received.trace.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"


def test_a_version_is_announced_until_it_has_a_verdict_and_as_the_same_fact_each_time(platform: FakePlatform) -> None:
    register(platform)
    platform.clock.advance(minutes=1)
    ids = []
    for _ in range(3):
        due(platform)
        ids += [received.id for received in platform.bus.received]
    assert len(ids) == 3
    assert len(set(ids)) == 1
    platform.registry.tag(W, 1, {VERDICT: "rejected"})
    due(platform)
    assert platform.bus.facts == []


def test_a_champion_that_was_not_announced_is_announced_once(platform: FakePlatform) -> None:
    register(platform, **{VERDICT: "promoted"})
    platform.registry.set_alias(W, "champion", 1)
    due(platform)
    (fact,) = platform.bus.facts
    assert isinstance(fact, ModelPromoted)
    assert (fact.version, fact.change) == (1, 1)
    due(platform)
    assert platform.bus.facts == []


def test_a_promotion_whose_webhook_was_lost_is_announced_as_the_evaluators(platform: FakePlatform) -> None:
    register(platform, **{VERDICT: "promoted"})
    promotions.promote(platform, W, 1, "evaluator", "it is better", after=0)
    due(platform)
    (fact,) = platform.bus.facts
    assert isinstance(fact, ModelPromoted)
    assert (fact.actor, fact.reason) == ("evaluator", "it is better")


def test_a_promotion_that_was_cut_short_is_finished_and_announced(platform: FakePlatform) -> None:
    def killed(method: str) -> None:
        if method == "set_alias":
            raise ConnectionError("killed")

    register(platform, **{VERDICT: "promoted"})
    platform.registry.before = killed
    with pytest.raises(ConnectionError):
        promotions.promote(platform, W, 1, "evaluator", "it is better", after=0)
    platform.registry.before = lambda _: None
    due(platform)
    assert platform.bus.facts == []
    platform.clock.advance(minutes=1)
    due(platform)
    assert platform.registry.workloads()[W] == {"champion": 1}
    assert [type(fact) for fact in platform.bus.facts] == [ModelPromoted]


def test_a_model_that_is_no_workload_is_left_alone(platform: FakePlatform) -> None:
    register(platform, "somebody's model")
    platform.registry.set_alias("somebody's model", "champion", 1)
    platform.clock.advance(hours=1)
    due(platform)
    assert platform.bus.facts == []
    assert platform.store.names() == ()


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_job_that_died_without_a_word_is_told_once(state: str, platform: FakePlatform) -> None:
    platform.jobs.submit(JobSpec("job-1", [], LABELS, cpus=1, memory_mib=512, max_minutes=1))
    due(platform)
    assert platform.bus.facts == []
    platform.jobs.end("job-1", state)
    due(platform)
    (fact,) = platform.bus.facts
    assert isinstance(fact, TrainingFailed)
    assert fact.job == "job-1"
    due(platform)
    assert platform.bus.facts == []


def test_a_job_that_should_be_over_is_named_in_the_log_on_every_look(
    platform: FakePlatform, caplog: pytest.LogCaptureFixture
) -> None:
    platform.jobs.submit(JobSpec("job-1", [], LABELS, cpus=1, memory_mib=512, max_minutes=1))
    platform.clock.at += timedelta(minutes=catalogue.describe(W).resources.max_minutes) + overdue.WAIT
    due(platform)
    assert not caplog.records
    platform.clock.advance(minutes=1)
    for _ in range(2):
        due(platform)
    assert [vars(record)["overdue"] for record in caplog.records] == ["job-1", "job-1"]
    assert "job job-1 is QUEUED" in caplog.text
    platform.jobs.end("job-1", "FAILED")
    caplog.clear()
    due(platform)
    assert not [record for record in caplog.records if record.name == "headrace.overdue"]


def test_nothing_to_make_up_for_is_nothing_to_tell(platform: FakePlatform) -> None:
    due(platform)
    assert platform.bus.facts == []
    assert platform.store.names() == ()
