from dataclasses import dataclass

import pytest

from functions.ingest.main import ingest
from headrace.bus.triggers import ObjectFinalized
from headrace.data.sending import Sent
from headrace.events import DatasetReady, DatasetRejected, Event
from headrace.training import failures, pausing
from headrace.training.jobs import job_id
from services.studio.reading import uploads
from tests.fakes import FakePlatform
from workloads.loan_default.generator import write_csv

from .keeping import W, told


@dataclass
class File:
    """As the browser sends it."""

    name: str
    content: bytes = b"x"

    @property
    def size(self) -> int:
        return len(self.content)

    def getbuffer(self) -> memoryview:
        return memoryview(self.content)


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("loans") / "loans.csv"
    write_csv(path, 20, "2024-01", seed=1)
    return path.read_bytes()


def sent(platform: FakePlatform, *files: File) -> tuple[Sent, list[Event]]:
    """Files that were uploaded, and what ingest says of them."""
    found, _ = uploads.send(platform, W, uploads.pieces(files), "ana", "a new month", lambda _sent, _all: None)
    name = found.source.removeprefix(platform.data.uri("")).partition("#")[0]
    stat = platform.data.stat(name)
    event = ObjectFinalized(bucket=platform.data.bucket, name=name, generation=stat.generation, size=stat.size)
    facts = list(ingest(event, platform))
    for fact in facts:
        told(platform, fact)
    return found, list(facts)


@pytest.mark.parametrize(
    ("chosen", "named"),
    [
        (["photos/cats/1.jpg", "photos/dogs/2.jpg"], ["cats/1.jpg", "dogs/2.jpg"]),
        (["./photos/cats/1.jpg", "/photos/dogs/2.jpg"], ["cats/1.jpg", "dogs/2.jpg"]),
        (["b.csv", "a.csv"], ["a.csv", "b.csv"]),
        (["cats/1.jpg", "dogs/2.jpg"], ["cats/1.jpg", "dogs/2.jpg"]),
        (["photos/1.jpg", "photos/.DS_Store", "photos/_SUCCESS"], ["1.jpg"]),
        ([], []),
    ],
)
def test_files_are_called_what_they_are_within_the_folder_that_was_chosen(chosen: list[str], named: list[str]) -> None:
    assert [each.name for each in uploads.pieces([File(name) for name in chosen])] == named


def test_what_ingest_would_refuse_is_refused_before_it_is_sent(loans: bytes) -> None:
    assert uploads.refusal(W, uploads.pieces([File("loans.csv", loans)])) == ""
    assert "is not one of .csv" in uploads.refusal(W, uploads.pieces([File("loans.txt", loans)]))
    assert "there is not a byte in it" in uploads.refusal(W, uploads.pieces([File("loans.csv", b"")]))
    assert "no loans below" in uploads.refusal(W, uploads.pieces([File("loans.csv", loans.splitlines()[0] + b"\n")]))


def test_an_upload_bears_who_made_it_and_why(loans: bytes) -> None:
    platform = FakePlatform()
    sent(platform, File("loans.csv", loans))
    metadata = [platform.data.stat(name).metadata for name in platform.data.names()]
    assert {(each["uploaded-by"], each["reason"]) for each in metadata} == {("ana", "a new month")}


def test_the_same_name_again_overwrites_nothing(loans: bytes) -> None:
    platform = FakePlatform()
    sent(platform, File("loans.csv", loans))
    before = {name: platform.data.stat(name).generation for name in platform.data.names()}
    sent(platform, File("loans.csv", loans + b"\n"))
    assert {name: platform.data.stat(name).generation for name in before} == before


def test_before_ingest_has_looked_nothing_is_known() -> None:
    platform = FakePlatform()
    fate = uploads.fate(platform, W, Sent("gs://data/x#1", "9f2c41d8a7b35e60"), platform.clock.now())
    assert (fate.at, fate.rejected, fate.settled) == (None, "", False)


def test_what_becomes_a_version_is_followed_until_every_candidate_has_its_verdict(loans: bytes) -> None:
    platform = FakePlatform()
    since = platform.clock.now()
    found, (fact,) = sent(platform, File("a.csv", loans))
    assert isinstance(fact, DatasetReady)
    fate = uploads.fate(platform, W, found, since)
    assert [each.candidate for each in fate.progress] == ["logistic_regression", "random_forest", "xgboost"]
    assert not fate.settled
    for each in fate.progress:
        failures.record(platform.store, job_id(W, found.dataset, each.candidate), "failed", "out of memory")
    after = uploads.fate(platform, W, found, since)
    assert after.settled
    assert all(each.failed and "out of memory" in each.words for each in after.progress)


def test_a_refusal_is_told_in_its_sentence_and_is_the_end() -> None:
    platform = FakePlatform()
    since = platform.clock.now()
    found, (fact,) = sent(platform, File("a.csv", b"not,loans\n1,2\n"))
    assert isinstance(fact, DatasetRejected)
    fate = uploads.fate(platform, W, found, since)
    assert fate.rejected == fact.reason
    assert fate.settled


def test_the_refusal_of_another_upload_is_not_ours(loans: bytes) -> None:
    platform = FakePlatform()
    since = platform.clock.now()
    sent(platform, File("a.csv", b"not,loans\n1,2\n"))
    found, _ = sent(platform, File("a.csv", loans))
    assert uploads.fate(platform, W, found, since).rejected == ""


def test_content_that_was_a_version_before_trains_nothing_anew(loans: bytes) -> None:
    platform = FakePlatform()
    sent(platform, File("a.csv", loans))
    platform.clock.advance(hours=1)
    since = platform.clock.now()
    found, _ = sent(platform, File("b.csv", loans))
    fate = uploads.fate(platform, W, found, since)
    assert fate.again
    assert fate.settled


def test_while_training_is_paused_the_upload_waits_and_says_why(loans: bytes) -> None:
    platform = FakePlatform()
    since = platform.clock.now()
    pausing.begin(platform, "ana", "the holidays")
    found, _ = sent(platform, File("a.csv", loans))
    assert "by ana: the holidays" in uploads.fate(platform, W, found, since).paused
