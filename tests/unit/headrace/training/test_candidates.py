"""What a command that follows a training sees of it."""

import json

import pytest

from headrace import catalogue
from headrace.events import DatasetReady, RetrainRequested
from headrace.promotion.promotions import VERDICT
from headrace.training import candidates, failures
from headrace.training.jobs import job_id
from tests.fakes import FakePlatform

W, DATASET = "loan_default", "9f2c41d8a7b35e60"
READY = DatasetReady(workload=W, dataset=DATASET, manifest="gs://local-headrace-store/manifest.json")
ASKED = RetrainRequested(workload=W, request="r1", dataset=DATASET, actor="ana")
SEARCHED = ASKED.model_copy(update={"candidates": ("tuned",)})


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


def test_a_dataset_version_has_its_candidates_trained_and_a_request_those_that_it_names(platform: FakePlatform) -> None:
    arrival = list(catalogue.describe(W).trained_on_arrival)
    assert [each.candidate for each in candidates.trained_for(platform, READY)] == arrival
    assert [each.candidate for each in candidates.trained_for(platform, ASKED)] == arrival
    assert [each.candidate for each in candidates.trained_for(platform, SEARCHED)] == ["tuned"]


def test_a_request_is_followed_by_its_own_job(platform: FakePlatform) -> None:
    job = job_id(W, DATASET, "tuned", "r1")
    platform.store.write(f"jobs/{job}/progress.json", json.dumps({"share": 0.4, "words": "trial 3/20"}).encode())
    (found,) = candidates.trained_for(platform, SEARCHED)
    assert str(found) == "tuned 40% trial 3/20"
    assert not found.settled
    other = SEARCHED.model_copy(update={"request": "r2"})
    assert str(candidates.trained_for(platform, other)[0]) == "tuned 0% waits"


def test_a_candidate_is_settled_by_its_verdict(platform: FakePlatform) -> None:
    job = job_id(W, DATASET, "tuned", "r1")
    version = platform.registry.register(W, "run", "nowhere", {"headrace.job": job})
    failures.record(platform.store, job, "registered", str(version.number))
    assert [(each.settled, each.words) for each in candidates.trained_for(platform, SEARCHED)] == [
        (False, "version 1 waits for its verdict")
    ]
    platform.registry.tag(W, version.number, {VERDICT: "promoted"})
    (found,) = candidates.trained_for(platform, SEARCHED)
    assert (found.settled, found.failed, found.words) == (True, False, "version 1 promoted")


@pytest.mark.parametrize("outcome", ["failed", "rejected"])
def test_a_candidate_without_a_version_is_settled_and_failed(platform: FakePlatform, outcome: str) -> None:
    failures.record(platform.store, job_id(W, DATASET, "tuned", "r1"), outcome, "3 trials failed")
    (found,) = candidates.trained_for(platform, SEARCHED)
    assert (found.settled, found.failed, found.words) == (True, True, f"{outcome}: 3 trials failed")
