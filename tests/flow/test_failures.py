"""Jobs that die and data that cannot be trained on: told once, and nothing else changes."""

import os
import signal

from headrace.events import DatasetReady, DatasetRejected, ModelRegistered, TrainingFailed
from tests.flow import deliveries
from tests.flow.loans import one_class
from tests.flow.loop import WORKLOAD, Loop
from tests.flow.outcome import assert_nothing_was_told_twice
from tests.flow.processes import task_of
from tests.flow.waiting import eventually


def test_a_job_that_dies_without_a_word_is_told_of_once(shared: Loop, first_turn: str) -> None:
    dataset = shared.drop()
    victim = shared.job_ids(dataset)[0]
    os.kill(eventually(lambda: task_of(shared.state, victim), f"a process of {victim}"), signal.SIGKILL)
    shared.settle(dataset)
    fact = TrainingFailed(workload=WORKLOAD, job=victim, candidate="any", dataset=dataset, reason="any")
    (text,) = eventually(lambda: shared.people.texts(fact.id), f"people told that {victim} failed")
    assert "without a word" in text
    deliveries.five_times_shuffled([deliveries.due(shared.stack, "reconcile")])
    assert_nothing_was_told_twice(shared)
    assert sorted(version.tags["headrace.job"] for version in shared.versions(dataset)) == sorted(
        job for job in shared.job_ids(dataset) if job != victim
    )
    assert [failed.job for failed in shared.facts(TrainingFailed) if failed.dataset == dataset] == [victim]


def test_data_that_only_training_can_reject_is_rejected_once_by_three_jobs(shared: Loop) -> None:
    path = one_class(shared.month())
    stat = shared.upload(path)
    dataset = shared.dataset_of(stat)
    shared.settle(dataset)
    source = f"{shared.platform.data.uri(stat.name)}#{stat.generation}"
    rejected = DatasetRejected(workload=WORKLOAD, source=source, reason="any")
    (text,) = eventually(lambda: shared.people.texts(rejected.id), f"people told that {source} was rejected")
    assert "a model needs both kinds" in text
    eventually(lambda: {job.state for job in shared.jobs(dataset)} == {"SUCCEEDED"}, "every job had its say")
    assert_nothing_was_told_twice(shared)
    assert len(shared.jobs(dataset)) == 3
    assert not shared.versions(dataset)
    assert shared.platform.data.stat(stat.name).generation == stat.generation
    assert [fact.source for fact in shared.facts(DatasetRejected)].count(source) == 1
    assert dataset in {fact.dataset for fact in shared.facts(DatasetReady)}
    assert not [fact for fact in shared.facts(TrainingFailed) if fact.dataset == dataset]
    assert len({fact.version for fact in shared.facts(ModelRegistered)}) == len(shared.versions())
