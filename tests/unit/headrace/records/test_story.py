"""The story of what was trained: from the ledgers, the registry, Batch and the audit trail."""

from datetime import datetime

import pytest

from headrace import catalogue
from headrace.data import datasets
from headrace.data.datasets import Manifest, as_file
from headrace.errors import Rejected
from headrace.events import DatasetReady, ModelPromoted, ModelRegistered, ModelRejected, TrainingFailed
from headrace.ports import Version
from headrace.promotion import promotions
from headrace.records import story
from headrace.records.story import Step
from headrace.training.jobs import Training, training_job
from tests.fakes import FakePlatform

from .test_audit import export

W = "loan_default"


def upload(platform: FakePlatform, name: str = "march.csv") -> str:
    """A file that was dropped, and became a dataset version two seconds later; returns that."""
    platform.data.write(f"{W}/{name}", name.encode())
    file = as_file(platform.data.bucket, platform.data.stat(f"{W}/{name}"), name)
    manifest = Manifest(workload=W, dataset=datasets.version_of([file]), source=name, files=(file,))
    platform.clock.advance(seconds=2)
    datasets.publish(platform.store, manifest)
    told(platform, DatasetReady(workload=W, dataset=manifest.dataset, manifest="gs://m"), "ingest")
    return manifest.dataset


def told(platform: FakePlatform, fact: DatasetReady | ModelRegistered | ModelRejected | ModelPromoted, by: str) -> None:
    export(platform, platform.clock.now(), fact, source=by)


def submit(platform: FakePlatform, dataset: str, candidate: str) -> str:
    spec = training_job(catalogue.describe(W), Training.of(W, dataset, candidate))
    platform.jobs.submit(spec)
    return spec.id


def register(platform: FakePlatform, dataset: str, candidate: str, job: str) -> Version:
    """A version that its job registered a minute after it began."""
    platform.clock.advance(minutes=1)
    platform.jobs.end(job, "SUCCEEDED")
    tags = {"headrace.dataset": dataset, "headrace.candidate": candidate, "headrace.job": job}
    version = platform.registry.register(W, f"run-{candidate}", "source", tags)
    told(platform, ModelRegistered(workload=W, version=version.number), "registry_hook")
    return version


def promote(platform: FakePlatform, version: Version) -> None:
    platform.clock.advance(seconds=5)
    change = promotions.promote(platform, W, version.number, "evaluator", "it is better", after=0)
    fact = ModelPromoted(workload=W, version=version.number, change=change.change, actor="evaluator", reason="better")
    told(platform, fact, "registry_hook")


def serve(platform: FakePlatform, version: Version) -> datetime:
    platform.clock.advance(seconds=3)
    at = platform.clock.now()
    line = f'{{"workload": "{W}", "version": {version.number}, "time": "{at.isoformat()}"}}\n'
    platform.audit.write(f"predictions/{at:%Y-%m-%dT%H:%M:%SZ}_a1b2c3.jsonl", line.encode())
    return at


def kinds(steps: list[Step], candidate: str | None = None) -> list[str]:
    return [step.kind for step in steps if candidate is None or step.candidate == candidate]


def test_a_champion_is_followed_from_its_upload_to_its_first_answer(platform: FakePlatform) -> None:
    dataset = upload(platform)
    version = register(platform, dataset, "xgboost", submit(platform, dataset, "xgboost"))
    promote(platform, version)
    served = serve(platform, version)
    steps = story.of_version(platform, version)
    assert set(kinds(steps)) == {"uploaded", "ready", "submitted", "began", "registered", "promoted", "served"}
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert (steps[0].uri, steps[-1].at) == (f"gs://local-headrace-data/{W}/march.csv", served)


def test_a_dataset_versions_story_has_every_candidate_that_was_trained_on_it(platform: FakePlatform) -> None:
    dataset = upload(platform)
    jobs = {name: submit(platform, dataset, name) for name in ("xgboost", "random_forest", "logistic_regression")}
    first = register(platform, dataset, "xgboost", jobs["xgboost"])
    promote(platform, first)
    second = register(platform, dataset, "random_forest", jobs["random_forest"])
    told(platform, ModelRejected(workload=W, version=second.number, reasons=("no gain",)), "evaluator")
    platform.jobs.end(jobs["logistic_regression"], "RUNNING")
    serve(platform, first)
    steps = story.of_dataset(platform, W, dataset)
    assert set(kinds(steps, "xgboost")) == {"submitted", "began", "registered"}
    assert {step.kind for step in steps if step.version == first.number} == {
        "began",
        "registered",
        "promoted",
        "served",
    }
    assert {step.kind for step in steps if step.version == second.number} == {"began", "registered", "judged"}
    assert kinds(steps, "logistic_regression") == ["submitted", "began"]


def test_what_was_made_of_other_data_is_no_part_of_the_story(platform: FakePlatform) -> None:
    dataset, other = upload(platform), upload(platform, "april.csv")
    version = register(platform, other, "xgboost", submit(platform, other, "xgboost"))
    promote(platform, version)
    assert set(kinds(story.of_dataset(platform, W, dataset))) == {"uploaded", "ready"}


def test_a_candidate_that_failed_is_told_in_the_story_of_its_data_and_in_none_of_its_neighbours(
    platform: FakePlatform,
) -> None:
    dataset = upload(platform)
    version = register(platform, dataset, "xgboost", submit(platform, dataset, "xgboost"))
    failed = TrainingFailed(workload=W, job="j", candidate="random_forest", dataset=dataset, reason="out of memory")
    export(platform, platform.clock.now(), failed, source="trainer")
    (step,) = [step for step in story.of_dataset(platform, W, dataset) if step.kind == "failed"]
    assert (step.candidate, step.words.rest) == ("random_forest", "random_forest: out of memory")
    assert "failed" not in kinds(story.of_version(platform, version))


def test_an_upload_that_was_deleted_since_is_left_out(platform: FakePlatform) -> None:
    dataset = upload(platform)
    platform.data.delete(f"{W}/march.csv")
    assert kinds(story.of_dataset(platform, W, dataset)) == ["ready"]


def test_of_many_files_the_upload_is_one_step_and_few_are_looked_at(platform: FakePlatform) -> None:
    names = [f"{W}/photos/{number:04d}.jpg" for number in range(500)]
    files = []
    for name in names:
        platform.data.write(name, name.encode())
        files.append(as_file(platform.data.bucket, platform.data.stat(name), name))
    manifest = Manifest(workload=W, dataset=datasets.version_of(files), source="photos", files=tuple(files))
    datasets.publish(platform.store, manifest)
    looked: list[str] = []
    platform.data.before = lambda _, name: looked.append(name)
    (step,) = story.of_dataset(platform, W, manifest.dataset)
    assert step.words.rest.endswith("0000.jpg written and 499 more files (14,000 bytes)")
    assert len(looked) == 2


def test_the_audit_trail_is_read_for_a_stretch_and_not_for_ever(platform: FakePlatform) -> None:
    dataset = upload(platform)
    platform.clock.advance(days=30)
    late = export(platform, platform.clock.now(), DatasetReady(workload=W, dataset=dataset, manifest="gs://m2"))
    read: list[str] = []
    platform.audit.before = lambda what, name: read.append(name) if what == "read" else None
    story.of_dataset(platform, W, dataset)
    assert read
    assert late not in read


def test_a_dataset_version_that_is_not_there_is_refused(platform: FakePlatform) -> None:
    with pytest.raises(Rejected, match="no dataset version 'nothing'"):
        story.of_dataset(platform, W, "nothing")
