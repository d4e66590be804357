import re
from itertools import product

import pytest

from headrace import catalogue, tracing
from headrace.jobs import job_id, training_job
from headrace.tracing import Trace

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


@pytest.mark.parametrize("candidate", catalogue.describe("loan_default").candidates)
def test_a_training_job_gets_the_workloads_resources_and_says_what_it_trains(candidate: str) -> None:
    description = catalogue.describe("loan_default")
    spec = training_job(description, DATASET, candidate)
    assert spec.id == job_id("loan_default", DATASET, candidate)
    assert spec.labels == {"workload": "loan_default", "candidate": candidate, "dataset": DATASET}
    resources = description.resources
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
        spec = training_job(catalogue.describe("loan_default"), DATASET, "xgboost", request="r1")
    assert dict(zip(spec.command[::2], spec.command[1::2], strict=True)) == {
        "--workload": "loan_default",
        "--dataset": DATASET,
        "--candidate": "xgboost",
        "--job": job_id("loan_default", DATASET, "xgboost", "r1"),
        "--traceparent": trace.traceparent,
    }
