import re
from dataclasses import replace
from itertools import product

import pytest

from headrace import catalogue, tracing
from headrace.catalogue import Description
from headrace.tracing import Trace
from headrace.training.jobs import Training, job_id, training_job

DATASET = "9f2c41d8a7b35e60"
BATCH_ALLOWS = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


@pytest.mark.parametrize(
    ("workload", "candidate"),
    [
        ("loan_default", "xgboost"),
        ("cats_dogs", "ResNet_18"),
        ("sar_colorization", "a_candidate_with_a_name_that_is_far_too_long_for_batch_to_take_it_whole"),
        ("w", "_"),
        ("a" * 49, "_b"),
    ],
)
def test_a_jobs_id_is_one_that_batch_allows(workload: str, candidate: str) -> None:
    assert BATCH_ALLOWS.fullmatch(job_id(workload, DATASET, candidate))


def test_the_same_work_has_the_same_id() -> None:
    assert job_id("loan_default", DATASET, "xgboost") == job_id("loan_default", DATASET, "xgboost")


def test_other_work_has_another_id() -> None:
    works = list(product(["loan_default", "loans"], [DATASET, "other"], ["xgboost", "forest"], ["", "r1", "r2"]))
    assert len({job_id(*work) for work in works}) == len(works)


def test_names_that_look_alike_to_batch_have_different_ids() -> None:
    long = "c" * 60
    assert job_id("w", DATASET, long + "1") != job_id("w", DATASET, long + "2")
    assert job_id("loan_default", DATASET, "a_b") != job_id("loan_default", DATASET, "a-b")


LOANS = catalogue.describe("loan_default")
XGBOOST = Training.of("loan_default", DATASET, "xgboost", "r1")


def with_resources(**changed: object) -> Description:
    """The loans' description with other resources."""
    return LOANS.model_copy(update={"resources": LOANS.resources.model_copy(update=changed)})


def attempts(description: Description) -> list[Training]:
    """Every attempt of a training that is cut short each time."""
    found: list[Training] = []
    following: Training | None = XGBOOST
    while following:
        found.append(following)
        following = following.next(description.resources)
    return found


@pytest.mark.parametrize("candidate", LOANS.candidates)
def test_a_training_job_gets_the_workloads_resources_and_says_what_it_trains(candidate: str) -> None:
    training = Training.of("loan_default", DATASET, candidate)
    spec = training_job(LOANS, training)
    assert spec.id == job_id("loan_default", DATASET, candidate)
    assert Training.read(spec.labels) == training
    resources = LOANS.resources
    assert (spec.cpus, spec.memory_mib, spec.max_minutes, spec.gpu, spec.spot) == (
        resources.cpus,
        resources.memory_mib,
        resources.max_minutes,
        resources.gpu,
        resources.spot,
    )


def test_a_training_job_is_told_what_to_do_in_words_and_in_which_trace() -> None:
    trace = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
    with tracing.use(trace):
        spec = training_job(LOANS, XGBOOST)
    assert dict(zip(spec.command[::2], spec.command[1::2], strict=True)) == {
        "--workload": "loan_default",
        "--dataset": DATASET,
        "--candidate": "xgboost",
        "--job": job_id("loan_default", DATASET, "xgboost", "r1"),
        "--nodes": "1",
        "--devices": "1",
        "--traceparent": trace.traceparent,
    }


def test_a_training_on_spot_machines_ends_on_one_that_stays() -> None:
    specs = [training_job(LOANS, attempt) for attempt in attempts(LOANS)]
    assert [(spec.spot, spec.retries) for spec in specs] == [(True, LOANS.resources.spot_attempts - 1), (False, 5)]


def test_nodes_that_train_together_begin_anew_as_another_job_each_time() -> None:
    together = with_resources(nodes=4, spot_attempts=3)
    specs = [training_job(together, attempt) for attempt in attempts(together)]
    assert [spec.spot for spec in specs] == [True, True, True, False, False]
    assert len({spec.id for spec in specs}) == 5
    assert {spec.nodes for spec in specs} == {4}
    assert len({spec.command[spec.command.index("--job") + 1] for spec in specs}) == 1


def test_without_spot_machines_every_attempt_is_on_machines_that_stay() -> None:
    steady = with_resources(spot=False)
    assert [training_job(steady, attempt).spot for attempt in attempts(steady)] == [False]


def test_a_job_of_somebody_elses_is_no_training() -> None:
    assert Training.read({"team": "another"}) is None


@pytest.mark.parametrize("attempt", [1, 2, 10])
def test_the_id_of_every_attempt_is_one_that_batch_allows(attempt: int) -> None:
    longest = Training.of("a" * 40, DATASET, "b" * 40)
    assert BATCH_ALLOWS.fullmatch(replace(longest, attempt=attempt).job)
