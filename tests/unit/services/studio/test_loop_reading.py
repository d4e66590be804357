"""What the page Loop reads: hops with what went over them, trainings, stages, and facts read once."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from headrace import catalogue, topology
from headrace.errors import Unavailable
from headrace.events import DatasetReady, Event, ModelPromoted, ModelRegistered
from headrace.ports import Job
from headrace.records.audit import Recorded
from headrace.records.story import Kind, Step
from headrace.records.wording import Words
from headrace.training.failures import record
from headrace.training.jobs import Training, training_job
from services.studio.reading.loop import happenings, hops, jobs, stages
from services.studio.reading.loop.happenings import Memory
from services.studio.reading.loop.hops import Hop, Loop, Seen
from tests.fakes import FakePlatform
from tests.unit.headrace.records.test_audit import export

LOOP = topology.load(Path(__file__).parents[4] / "infra" / "topology.yaml")
NOW = datetime.fromisoformat("2026-03-02T12:00:00+00:00")
READY = DatasetReady(workload="loan_default", dataset="d1", manifest="gs://m")
W = "loan_default"


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


def told(fact: Event, by: str, minutes_ago: float) -> Recorded:
    return Recorded(NOW - timedelta(minutes=minutes_ago), f"//headrace/{by}", "", fact)


def job(state: str, minutes_ago: float = 5) -> Job:
    return Job(f"job-{state}", state, {"workload": W}, NOW - timedelta(minutes=minutes_ago))


def drawn(
    *facts: Recorded, seen_jobs: tuple[Job, ...] = (), paused: bool = False, flowing: tuple[str, ...] = ()
) -> Loop:
    return hops.loop(LOOP, Seen(NOW, facts, seen_jobs, flowing, paused))


def hop(loop: Loop, start: str, end: str) -> Hop:
    (found,) = [each for each in loop.hops if (each.start, each.end) == (start, end)]
    return found


def state(loop: Loop, name: str) -> str:
    (found,) = [stop for stop in loop.stops if stop.name == name]
    return f"{found.state} {found.words}".strip()


def test_a_loop_in_which_nothing_happens_rests_and_has_every_deployable_and_the_bucket() -> None:
    loop = drawn()
    assert {stop.name for stop in loop.stops} == {*LOOP.deployables, "data"}
    assert {stop.state for stop in loop.stops} == {"idle"}
    assert not any(each.working for each in loop.hops)
    assert not hops.is_lively(Seen(NOW, (), ()))


def test_an_event_is_counted_on_the_hop_from_whoever_told_it_and_a_recent_one_makes_it_work() -> None:
    loop = drawn(told(READY, "ingest", 30), told(READY, "ingest", 1), told(READY, "studio", 30))
    ready = hop(loop, "ingest", "trainer")
    assert ([(each.what, each.count) for each in ready.carries], ready.working) == ([("DatasetReady", 2)], True)
    assert ready.last == NOW - timedelta(minutes=1)
    assert (state(loop, "ingest"), hop(loop, "data", "ingest").working) == ("working", True)
    by_hand = hop(loop, "studio", "trainer")
    assert (by_hand.carries[0].count, by_hand.working) == (1, False)


def test_what_no_event_carries_is_shown_by_what_comes_of_it() -> None:
    registered = told(ModelRegistered(workload=W, version=1), "registry_hook", 1)
    promoted = told(ModelPromoted(workload=W, version=1, change=1, actor="a", reason="r"), "registry-hook", 9)
    loop = drawn(registered, promoted)
    assert hop(loop, "training", "mlflow").carries[0].count == 1
    assert hop(loop, "mlflow", "registry_hook").carries[0].count == 2
    assert (hop(loop, "evaluator", "mlflow").carries[0].count, hop(loop, "evaluator", "mlflow").working) == (1, False)
    assert hop(loop, "pull", "data").carries[0].count is None


def test_trainings_are_counted_by_what_they_are_at() -> None:
    loop = drawn(seen_jobs=(job("RUNNING"), job("QUEUED"), job("SCHEDULED"), job("SUCCEEDED")))
    assert state(loop, "training") == "working 1 running, 2 waiting"
    assert hop(loop, "trainer", "training").working
    assert hop(loop, "trainer", "training").carries[0].count == 4
    assert state(drawn(seen_jobs=(job("FAILED"), job("SUCCEEDED"))), "training") == "failing 1 failed"
    assert hops.is_lively(Seen(NOW, (), (job("QUEUED", 60),)))


def test_a_training_that_failed_is_forgiven_when_its_candidate_was_trained_since() -> None:
    failed, again = (
        replace(job(state, ago), labels={"workload": W, "candidate": "xgboost"})
        for state, ago in (("FAILED", 9), ("SUCCEEDED", 5))
    )
    assert state(drawn(seen_jobs=(again, failed)), "training") == "idle"
    assert state(drawn(seen_jobs=(failed,)), "training") == "failing 1 failed"


def test_a_pause_is_seen_where_training_would_begin_and_a_stream_where_it_flows() -> None:
    loop = drawn(paused=True, flowing=("predictions",))
    assert state(loop, "trainer") == "paused paused"
    assert hop(loop, "inference", "drift").working
    assert not hop(drawn(), "inference", "drift").working


def test_facts_of_a_period_are_read_from_each_object_once(platform: FakePlatform) -> None:
    read: list[str] = []
    export(platform, NOW, READY)
    platform.audit.before = lambda what, name: read.append(name) if what == "read" else None
    memory = Memory()
    for _ in range(3):
        (found,) = happenings.happened(platform.audit, NOW - timedelta(hours=1), memory)
        assert found.fact == READY
    assert len(read) == 1


def test_a_memory_forgets_what_it_has_known_longest(platform: FakePlatform) -> None:
    names = [export(platform, NOW + timedelta(minutes=minute), READY) for minute in range(3)]
    memory, read = Memory(most=2), []
    platform.audit.before = lambda what, name: read.append(name) if what == "read" else None
    for name in (*names, names[2], names[0]):
        memory.read(platform.audit, name)
    assert read == [*names, names[0]]


def test_a_stream_flows_when_something_came_through_it_lately(platform: FakePlatform) -> None:
    platform.audit.write("predictions/2026-03-02T11:59:30Z_a1b2c3.jsonl", b"")
    assert happenings.is_flowing(platform.audit, "predictions", NOW - timedelta(minutes=2))
    assert not happenings.is_flowing(platform.audit, "predictions", NOW)
    assert not happenings.is_flowing(platform.audit, "feedback", NOW - timedelta(minutes=2))


def submit(platform: FakePlatform, candidate: str, state: str = "QUEUED", dataset: str = "d1") -> Training:
    training = Training.of(W, dataset, candidate)
    platform.jobs.submit(training_job(catalogue.describe(W), training))
    platform.jobs.end(training.job, state)
    platform.clock.advance(seconds=1)
    return training


def test_trainings_that_run_come_first_then_those_that_wait_then_the_newest(platform: FakePlatform) -> None:
    for candidate, state in (("xgboost", "SUCCEEDED"), ("random_forest", "RUNNING"), ("logistic_regression", "QUEUED")):
        submit(platform, candidate, state)
    submit(platform, "xgboost", "FAILED", dataset="d2")
    found = jobs.attempts(platform, platform.jobs.list())
    assert [(each.training.candidate, each.job.state) for each in found] == [
        ("random_forest", "RUNNING"),
        ("logistic_regression", "QUEUED"),
        ("xgboost", "FAILED"),
        ("xgboost", "SUCCEEDED"),
    ]
    assert [each.is_over for each in found] == [False, False, True, True]


def test_a_training_says_how_far_it_is_and_what_became_of_it(platform: FakePlatform) -> None:
    running, failed = submit(platform, "xgboost", "RUNNING"), submit(platform, "random_forest", "FAILED")
    platform.store.write(f"jobs/{running.id}/progress.json", b'{"share": 0.4, "words": "40 of 100 rounds"}')
    record(platform.store, failed.id, "failed", "out of memory")
    first, second = jobs.attempts(platform, platform.jobs.list())
    assert (first.share, first.words, first.failed) == (0.4, "40 of 100 rounds", False)
    assert (second.words, second.failed) == ("failed: out of memory", True)


def test_a_job_of_somebody_elses_is_no_training(platform: FakePlatform) -> None:
    assert jobs.attempts(platform, [job("RUNNING")]) == []


def test_a_training_whose_progress_cannot_be_read_is_there_with_the_reason(platform: FakePlatform) -> None:
    submit(platform, "xgboost", "RUNNING")

    def down(what: str, _: str) -> None:
        raise Unavailable("the bucket is away")

    platform.store.before = down
    (found,) = jobs.attempts(platform, platform.jobs.list())
    assert found.words == "how far it is cannot be read: the bucket is away"


def test_curves_are_those_that_have_steps_with_what_says_how_it_learns_first(platform: FakePlatform) -> None:
    training = submit(platform, "xgboost", "RUNNING")
    assert jobs.curves(platform, training) is None
    platform.registry.track(W, training.id, {"seconds": [1, 2], "auc": [0.6, 0.7], "examples_rate": [3, 4]})
    found = jobs.curves(platform, training)
    assert found is not None
    assert list(found.points) == ["auc", "examples_rate", "seconds"]
    assert list(found.points["auc"]) == [(1, 0.6), (2, 0.7)]


def step(kind: Kind, minute: float, candidate: str = "", version: int | None = None) -> Step:
    return Step(NOW + timedelta(minutes=minute), kind, Words(kind), candidate=candidate, version=version)


def test_stages_are_told_from_steps_a_track_for_the_data_and_for_each_candidate() -> None:
    found = stages.stages(
        [
            step("uploaded", 0),
            step("ready", 1),
            step("submitted", 1, "xgboost"),
            step("submitted", 1, "random_forest"),
            step("began", 3, "xgboost", 1),
            step("registered", 8, "xgboost", 1),
            step("judged", 9, version=1),
            step("promoted", 10, version=1),
            step("served", 11, version=1),
        ],
        {"random_forest"},
        NOW + timedelta(minutes=12),
    )
    assert [(each.track, each.name, each.seconds / 60, each.open) for each in found] == [
        ("data", "is checked", 1, False),
        ("xgboost (version 1)", "waits", 2, False),
        ("xgboost (version 1)", "trains", 5, False),
        ("xgboost (version 1)", "is judged", 1, False),
        ("xgboost (version 1)", "is loaded", 1, False),
        ("random_forest", "waits", 11, True),
    ]


def test_a_training_that_failed_ends_there_and_one_that_is_gone_is_not_drawn_as_if_it_went_on() -> None:
    steps = [step("submitted", 0, "a"), step("began", 1, "a"), step("failed", 4, "a"), step("submitted", 0, "b")]
    found = stages.stages(steps, (), NOW + timedelta(days=1))
    assert [(each.track, each.name, each.seconds / 60) for each in found] == [
        ("a", "waits", 1),
        ("a", "trains", 3),
    ]
