import pytest

from headrace.events import TrainingFailed
from headrace.ports import Job, JobSpec
from headrace.training import failures
from tests.fakes import FakePlatform

LABELS = {
    "training": "job-1",
    "workload": "loan_default",
    "candidate": "xgboost",
    "dataset": "9f2c41d8a7b35e60",
    "attempt": "1",
}


def ended(platform: FakePlatform, state: str = "FAILED", labels: dict[str, str] = LABELS) -> Job:
    platform.jobs.submit(JobSpec("job-1", [], labels, cpus=1, memory_mib=512, max_minutes=1))
    platform.jobs.end("job-1", state)
    return platform.jobs.get("job-1")


def told(platform: FakePlatform, job: Job) -> list[TrainingFailed]:
    return list(failures.settle(platform, job))


def test_a_job_that_died_without_a_word_is_told_with_its_state(platform: FakePlatform) -> None:
    (fact,) = told(platform, ended(platform))
    assert fact == TrainingFailed(
        workload="loan_default",
        job="job-1",
        candidate="xgboost",
        dataset="9f2c41d8a7b35e60",
        reason="the job ended as FAILED without a word; its log says more",
    )


def test_a_job_that_failed_is_told_with_the_reason_that_it_gave_itself(platform: FakePlatform) -> None:
    failures.record(platform.store, "job-1", "failed", "the exported xgboost differs from the trained one by 0.5")
    (fact,) = told(platform, ended(platform))
    assert fact.reason == "the exported xgboost differs from the trained one by 0.5"


@pytest.mark.parametrize("outcome", ["registered", "rejected"])
def test_a_job_that_had_its_say_is_not_told_as_failed(outcome: str, platform: FakePlatform) -> None:
    failures.record(platform.store, "job-1", outcome, "7")
    assert told(platform, ended(platform, "FAILED")) == []


def test_a_failure_is_told_once(platform: FakePlatform) -> None:
    job = ended(platform)
    assert len(told(platform, job)) == 1
    assert told(platform, job) == []
    assert failures.was_told(platform.store, "job-1")


def test_a_failure_that_did_not_reach_the_bus_is_told_again_as_the_same_fact(platform: FakePlatform) -> None:
    job = ended(platform)
    first = next(failures.settle(platform, job))
    assert not failures.was_told(platform.store, "job-1")
    (again,) = told(platform, job)
    assert again.id == first.id


def test_a_job_that_is_none_of_ours_is_not_told(platform: FakePlatform) -> None:
    assert told(platform, ended(platform, labels={"team": "another"})) == []


def test_a_cancelled_job_is_told(platform: FakePlatform) -> None:
    (fact,) = told(platform, ended(platform, "CANCELLED"))
    assert "ended as CANCELLED" in fact.reason


def test_the_last_word_of_a_job_is_the_one_that_counts(platform: FakePlatform) -> None:
    failures.record(platform.store, "job-1", "failed", "the first attempt")
    failures.record(platform.store, "job-1", "registered", "7")
    assert failures.outcome(platform.store, "job-1") == {"outcome": "registered", "detail": "7"}
    assert failures.outcome(platform.store, "job-2") is None


def test_a_job_whose_machines_were_taken_away_goes_on_as_another_on_machines_that_stay(platform: FakePlatform) -> None:
    job = ended(platform)
    platform.jobs.cut_short.add("job-1")
    for _ in range(3):
        assert told(platform, job) == []
    assert set(platform.jobs.specs) == {"job-1", "job-1-2"}
    following = platform.jobs.specs["job-1-2"]
    assert not following.spot
    assert following.labels == LABELS | {"attempt": "2"}
    assert following.command[following.command.index("--job") + 1] == "job-1"


def test_a_job_that_was_cut_short_on_machines_that_stay_too_is_told(platform: FakePlatform) -> None:
    job = ended(platform, labels=LABELS | {"attempt": "2"})
    platform.jobs.cut_short.add("job-1")
    (fact,) = told(platform, job)
    assert fact.job == "job-1"
    assert set(platform.jobs.specs) == {"job-1"}


def test_a_job_that_failed_for_a_reason_of_its_own_does_not_go_on(platform: FakePlatform) -> None:
    failures.record(platform.store, "job-1", "failed", "out of bounds")
    platform.jobs.cut_short.add("job-1")
    assert len(told(platform, ended(platform))) == 1
    assert set(platform.jobs.specs) == {"job-1"}


def test_a_cancelled_job_does_not_go_on(platform: FakePlatform) -> None:
    platform.jobs.cut_short.add("job-1")
    assert len(told(platform, ended(platform, "CANCELLED"))) == 1
    assert set(platform.jobs.specs) == {"job-1"}
