import tempfile
from pathlib import Path
from time import monotonic, sleep

import pytest

from headrace import catalogue
from headrace.bus.triggers import JobEnded
from headrace.data import datasets
from headrace.data.datasets import File, Manifest
from headrace.errors import Rejected, Unavailable
from headrace.events import DatasetReady, DatasetRejected, DriftDetected, RetrainRequested, TrainingFailed
from headrace.training import failures, pausing
from headrace.training.jobs import job_id
from services.trainer import candidate
from services.trainer.job import run
from services.trainer.main import job_ended, train
from services.trainer.order import Order
from tests.fakes import FakePlatform, together
from workloads.loan_default.generator import write_csv

W, DATASET = "loan_default", "9f2c41d8a7b35e60"
CANDIDATES = tuple(catalogue.describe(W).candidates)
READY = DatasetReady(workload=W, dataset=DATASET, manifest="gs://local-headrace-store/manifest.json")
DRIFTED = DriftDetected(
    workload=W, check="c1", version=1, columns=("dti",), dataset="77c1e0b54d9a2f38", report="gs://r"
)


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


def retrain(request: str) -> RetrainRequested:
    return RetrainRequested(workload=W, request=request, dataset=DATASET, actor="ana")


def trained(platform: FakePlatform) -> list[tuple[str, str]]:
    return [(job.labels["dataset"], job.labels["candidate"]) for job in platform.jobs.list()]


def ended(platform: FakePlatform, state: str) -> list[TrainingFailed]:
    """What is told when Batch says that the first candidate's job reached `state`."""
    job = job_id(W, DATASET, CANDIDATES[0])
    platform.jobs.end(job, state)
    return list(job_ended(JobEnded(job=job, state=state), platform))


def test_a_dataset_is_trained_on_by_one_job_a_candidate(platform: FakePlatform) -> None:
    assert train(READY, platform) == ()
    assert trained(platform) == [(DATASET, candidate) for candidate in CANDIDATES]


def test_a_repeat_of_the_event_submits_nothing(platform: FakePlatform) -> None:
    for _ in range(3):
        train(READY, platform)
    assert len(trained(platform)) == len(CANDIDATES)


def test_five_deliveries_at_once_submit_one_job_a_candidate(platform: FakePlatform) -> None:
    assert together(5, lambda: train(READY, platform)) == [()] * 5
    assert sorted(trained(platform)) == sorted((DATASET, candidate) for candidate in CANDIDATES)


def test_drift_is_answered_by_training_on_the_dataset_with_the_new_labels(platform: FakePlatform) -> None:
    train(READY, platform)
    train(DRIFTED, platform)
    assert trained(platform)[len(CANDIDATES) :] == [("77c1e0b54d9a2f38", candidate) for candidate in CANDIDATES]


def test_a_person_may_ask_for_a_training_on_a_dataset_that_was_trained_on_before(platform: FakePlatform) -> None:
    for event in (READY, retrain("r1"), retrain("r1"), retrain("r2")):
        train(event, platform)
    assert len(trained(platform)) == 3 * len(CANDIDATES)


def test_an_unknown_workload_is_rejected_and_nothing_submitted(platform: FakePlatform) -> None:
    with pytest.raises(Rejected, match="no workload named 'loans'"):
        train(READY.model_copy(update={"workload": "loans"}), platform)
    assert trained(platform) == []


def test_a_failed_job_is_told_once_with_its_own_reason(platform: FakePlatform) -> None:
    train(READY, platform)
    failures.record(platform.store, job_id(W, DATASET, CANDIDATES[0]), "failed", "the split gave another test set")
    (fact,) = ended(platform, "FAILED")
    assert (fact.workload, fact.candidate, fact.dataset) == (W, CANDIDATES[0], DATASET)
    assert fact.reason == "the split gave another test set"
    assert ended(platform, "FAILED") == []


def test_a_failed_job_without_a_word_is_told_with_its_state(platform: FakePlatform) -> None:
    train(READY, platform)
    (fact,) = ended(platform, "FAILED")
    assert "FAILED without a word" in fact.reason


@pytest.mark.parametrize("outcome", ["registered", "rejected"])
def test_a_job_that_had_its_say_is_not_told_as_failed(outcome: str, platform: FakePlatform) -> None:
    train(READY, platform)
    failures.record(platform.store, job_id(W, DATASET, CANDIDATES[0]), outcome, "7")
    assert ended(platform, "SUCCEEDED") == []


def test_a_notice_that_batch_itself_does_not_confirm_is_not_believed(platform: FakePlatform) -> None:
    train(READY, platform)
    job = job_id(W, DATASET, CANDIDATES[0])
    platform.jobs.end(job, "RUNNING")
    assert list(job_ended(JobEnded(job=job, state="FAILED"), platform)) == []


def test_a_job_that_was_deleted_since_is_not_told(platform: FakePlatform) -> None:
    assert list(job_ended(JobEnded(job="gone", state="FAILED"), platform)) == []


def test_during_a_pause_nothing_is_submitted_and_every_request_waits(platform: FakePlatform) -> None:
    pause = pausing.begin(platform, "ana", "the holidays")
    for event in (READY, READY, DRIFTED, retrain("r1")):
        assert train(event, platform) == ()
    assert trained(platform) == []
    assert pausing.count_waiting(platform.store, pause) == 3


def test_what_waited_for_a_pause_is_trained_on_when_it_is_told_again(platform: FakePlatform) -> None:
    pausing.begin(platform, "ana", "the holidays")
    for event in (READY, DRIFTED):
        train(event, platform)
    for received in pausing.waiting(platform.store, pausing.resume(platform, "ana")):
        train(received.fact, platform)  # type: ignore[arg-type]  # only such events are put aside
    assert sorted(trained(platform)) == sorted(
        (dataset, candidate) for dataset in (DATASET, DRIFTED.dataset) for candidate in CANDIDATES
    )


def test_an_unknown_workload_is_rejected_during_a_pause_too(platform: FakePlatform) -> None:
    pausing.begin(platform, "ana", "the holidays")
    with pytest.raises(Rejected, match="no workload named 'loans'"):
        train(READY.model_copy(update={"workload": "loans"}), platform)


def test_a_job_that_was_cut_short_is_not_submitted_again_during_a_pause_but_after_it(platform: FakePlatform) -> None:
    train(READY, platform)
    job = job_id(W, DATASET, CANDIDATES[0])
    platform.jobs.cut_short.add(job)
    pausing.begin(platform, "ana", "the holidays")
    assert ended(platform, "FAILED") == []
    assert len(trained(platform)) == len(CANDIDATES)
    pausing.resume(platform, "ana")
    assert ended(platform, "FAILED") == []
    assert [job.id for job in platform.jobs.list()][-1] == f"{job}-2"


ORDER = Order(W, DATASET, CANDIDATES[0], job_id(W, DATASET, CANDIDATES[0]))
SOURCE = "gs://local-headrace-data/loan_default/x.csv#1"


def dataset(platform: FakePlatform, *files: File) -> None:
    """Let the dataset version be there."""
    datasets.publish(platform.store, Manifest(workload=W, dataset=DATASET, source=SOURCE, files=files))


def last_word(platform: FakePlatform) -> dict[str, str] | None:
    return failures.outcome(platform.store, ORDER.job)


def test_a_job_without_its_dataset_says_so_and_ends_well(platform: FakePlatform) -> None:
    assert run(ORDER, platform.cloud()) == 0
    (fact,) = platform.bus.facts
    assert isinstance(fact, DatasetRejected)
    assert fact.reason.startswith(f"loan_default has no dataset version '{DATASET}'")
    assert last_word(platform) == {"outcome": "rejected", "detail": fact.reason}


def test_a_job_that_was_killed_after_it_had_registered_registers_nothing_more(platform: FakePlatform) -> None:
    dataset(platform)
    platform.registry.register(W, "run", "nowhere", {"headrace.job": "another"})
    platform.registry.register(W, "run", "nowhere", {"headrace.job": ORDER.job})
    assert run(ORDER, platform.cloud()) == 0
    assert last_word(platform) == {"outcome": "registered", "detail": "2"}
    assert len(platform.registry.versions(W)) == 2


def test_a_job_whose_upload_was_overwritten_before_it_began_rejects_the_dataset_by_its_source(
    platform: FakePlatform,
) -> None:
    platform.data.write("loan_default/x.csv", b"first")
    file = datasets.as_file(platform.data.bucket, platform.data.stat("loan_default/x.csv"), "x.csv")
    platform.data.write("loan_default/x.csv", b"second")
    dataset(platform, file)
    assert run(ORDER, platform.cloud()) == 0
    (fact,) = platform.bus.facts
    assert isinstance(fact, DatasetRejected)
    assert fact.source == SOURCE
    assert "is gone or was overwritten" in fact.reason


def test_a_job_splits_what_is_there_while_its_last_file_is_on_its_way(
    platform: FakePlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, began = two_months(platform, tmp_path, monkeypatch), []

    def before(method: str, name: str) -> None:
        if (method, name) == ("download", files[-1].object):
            began.append(appears(tmp_path / "job" / "split"))

    platform.data.before = before
    manifest = Manifest(workload=W, dataset=DATASET, source=SOURCE, files=files)
    said: list[tuple[float, str]] = []
    candidate.prepare(ORDER, manifest, tmp_path / "job", platform.cloud(), lambda *words: said.append(words))
    assert began == [True]
    assert said == [(part / 2, f"fetched {part} of 2 files, checking and splitting what is there") for part in (1, 2)]


def test_a_job_whose_download_fails_is_no_failure_of_its_workload_and_has_no_last_word(
    platform: FakePlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = two_months(platform, tmp_path, monkeypatch)

    def before(method: str, name: str) -> None:
        if (method, name) == ("download", files[-1].object):
            raise ConnectionError("reset by peer")

    dataset(platform, *files)
    platform.data.before = before
    with pytest.raises(Unavailable, match="did not arrive: ConnectionError: reset by peer"):
        run(ORDER, platform.cloud())
    assert last_word(platform) is None
    assert platform.bus.facts == []


def two_months(platform: FakePlatform, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[File, ...]:
    """A dataset of two files that this machine has not downloaded before."""
    (scratch / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch / "tmp"))
    for month in ("2024-01", "2024-02"):
        write_csv(scratch / f"{month}.csv", 400, month)
        platform.data.upload(f"loan_default/{month}.csv", scratch / f"{month}.csv")
    stats = platform.data.list("loan_default/")
    return tuple(datasets.as_file(platform.data.bucket, stat, Path(stat.name).name) for stat in stats)


def appears(path: Path) -> bool:
    until = monotonic() + 20
    while not path.exists() and monotonic() < until:
        sleep(0.01)
    return path.exists()


def test_a_job_whose_data_the_workload_refuses_rejects_the_dataset_in_the_workloads_words(
    platform: FakePlatform,
) -> None:
    platform.data.write("loan_default/x.csv", b"name,age\nana,31\n")
    dataset(platform, datasets.as_file(platform.data.bucket, platform.data.stat("loan_default/x.csv"), "x.csv"))
    assert run(ORDER, platform.cloud()) == 0
    (fact,) = platform.bus.facts
    assert isinstance(fact, DatasetRejected)
    assert last_word(platform) == {"outcome": "rejected", "detail": fact.reason}


def test_a_job_whose_split_is_not_the_frozen_one_fails_and_leaves_its_reason(
    platform: FakePlatform, tmp_path: Path
) -> None:
    write_csv(tmp_path / "x.csv", 400, "2024-01")
    platform.data.upload("loan_default/x.csv", tmp_path / "x.csv")
    dataset(platform, datasets.as_file(platform.data.bucket, platform.data.stat("loan_default/x.csv"), "x.csv"))
    (tmp_path / "frozen").mkdir()
    (tmp_path / "frozen" / "rows").write_text("another split")
    datasets.freeze(platform.store, W, DATASET, tmp_path / "frozen")
    assert run(ORDER, platform.cloud()) == 1
    word = last_word(platform)
    assert word is not None
    assert word["outcome"] == "failed"
    assert word["detail"].startswith(f"the split of loan_default {DATASET} gave ")
    assert platform.bus.facts == []


def test_an_outage_is_raised_and_is_not_the_jobs_last_word(platform: FakePlatform) -> None:
    def down(_: str) -> None:
        raise ConnectionError("the registry is down")

    dataset(platform)
    platform.registry.before = down
    with pytest.raises(ConnectionError):
        run(ORDER, platform.cloud())
    assert last_word(platform) is None
    assert platform.bus.facts == []
