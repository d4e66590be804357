from functools import partial
from threading import Barrier

import pytest

from functions.ingest.main import ingest
from headrace.bus.triggers import ObjectFinalized
from headrace.catalogue import Data
from headrace.data import admission, datasets
from headrace.errors import Rejected
from headrace.events import DatasetReady, DatasetRejected
from tests.fakes import FakePlatform, together

W = "loan_default"


def upload(platform: FakePlatform, name: str, content: bytes = b"") -> ObjectFinalized:
    """The object, and the event of its having been written."""
    generation = platform.data.write(name, content)
    return ObjectFinalized(bucket=platform.data.bucket, name=name, generation=generation, size=len(content))


def told(platform: FakePlatform, event: ObjectFinalized) -> list[DatasetReady | DatasetRejected]:
    return list(ingest(event, platform))


def rejection(platform: FakePlatform, event: ObjectFinalized) -> str:
    (fact,) = told(platform, event)
    assert isinstance(fact, DatasetRejected)
    assert fact.source == event.uri
    assert platform.store.names("datasets/") == ()
    return fact.reason


def ready(platform: FakePlatform, event: ObjectFinalized) -> DatasetReady:
    (fact,) = told(platform, event)
    assert isinstance(fact, DatasetReady)
    return fact


def test_a_single_file_is_a_dataset_at_once(platform: FakePlatform, loans: bytes) -> None:
    event = upload(platform, f"{W}/march.csv", loans)
    fact = ready(platform, event)
    manifest = datasets.load(platform.store, W, fact.dataset)
    assert fact.manifest == f"gs://local-headrace-store/datasets/{W}/{fact.dataset}/manifest.json"
    assert manifest.source == event.uri
    (file,) = manifest.files
    assert (file.name, file.object, file.generation, file.size) == (
        "march.csv",
        f"{W}/march.csv",
        event.generation,
        len(loans),
    )


def test_a_file_in_a_folder_waits_for_the_marker(platform: FakePlatform, loans: bytes) -> None:
    assert told(platform, upload(platform, f"{W}/2026/march.csv", loans)) == []


def test_a_folder_is_a_dataset_when_its_marker_arrives(platform: FakePlatform, loans: bytes) -> None:
    upload(platform, f"{W}/2026/q1/march.csv", loans)
    upload(platform, f"{W}/2026/q1/deep/april.csv", loans.replace(b"A", b"B", 1))
    upload(platform, f"{W}/2026/q10/other.csv", loans)
    fact = ready(platform, upload(platform, f"{W}/2026/q1/_SUCCESS"))
    manifest = datasets.load(platform.store, W, fact.dataset)
    assert [file.name for file in manifest.files] == ["deep/april.csv", "march.csv"]


def test_a_marker_alone_is_rejected(platform: FakePlatform) -> None:
    reason = rejection(platform, upload(platform, f"{W}/2026/_SUCCESS"))
    assert reason == (
        "gs://local-headrace-data/loan_default/2026 holds nothing but _SUCCESS; upload the files before the marker"
    )


def test_the_placeholder_that_the_console_makes_for_a_folder_is_no_upload(platform: FakePlatform) -> None:
    assert told(platform, upload(platform, f"{W}/")) == []
    assert told(platform, upload(platform, f"{W}/2026/")) == []


def test_an_unknown_workload_is_rejected_with_the_names_of_those_there_are(
    platform: FakePlatform, loans: bytes
) -> None:
    reason = rejection(platform, upload(platform, "loans/march.csv", loans))
    assert reason.startswith("no workload named 'loans'; there are ")
    assert W in reason


def test_a_file_with_the_wrong_ending_is_rejected(platform: FakePlatform) -> None:
    assert rejection(platform, upload(platform, f"{W}/loans.pdf", b"%PDF")) == (
        "loans.pdf is not one of .csv, .csv.gz, .parquet; remove it or rename it"
    )


def test_one_file_with_the_wrong_ending_rejects_its_folder(platform: FakePlatform, loans: bytes) -> None:
    upload(platform, f"{W}/2026/march.csv", loans)
    upload(platform, f"{W}/2026/notes.txt", b"call Ana")
    assert "notes.txt" in rejection(platform, upload(platform, f"{W}/2026/_SUCCESS"))


def test_an_ending_counts_whatever_its_case(platform: FakePlatform, loans: bytes) -> None:
    ready(platform, upload(platform, f"{W}/MARCH.CSV", loans))


def test_an_empty_file_is_rejected(platform: FakePlatform) -> None:
    assert rejection(platform, upload(platform, f"{W}/march.csv")) == (
        "there is not a byte in it; upload the data again"
    )


def test_a_file_that_the_workload_cannot_use_is_rejected_with_the_workloads_own_words(platform: FakePlatform) -> None:
    reason = rejection(platform, upload(platform, f"{W}/march.csv", b"name,age\nana,31\n"))
    assert "march.csv" in reason


def test_a_forbidden_name_is_rejected(platform: FakePlatform, loans: bytes) -> None:
    upload(platform, f"{W}/2026/../march.csv", loans)
    assert "'../march.csv' is not allowed" in rejection(platform, upload(platform, f"{W}/2026/_SUCCESS"))


def test_more_bytes_than_a_workload_takes_are_rejected_with_both_figures(platform: FakePlatform) -> None:
    platform.data.write("w/a.csv", b"x" * 700)
    platform.data.write("w/b.csv", b"x" * 400)
    files = [datasets.as_file("data", stat, stat.name) for stat in platform.data.list("w/")]
    kib = Data(endings=(".csv",), max_gib=2**-20)
    admission.check(files[:1], kib)
    with pytest.raises(Rejected, match=r"0\.0 GiB is more than the 9\.53674e-07 GiB this workload takes; split it"):
        admission.check(files, kib)


def test_the_same_content_again_is_the_same_fact_and_no_new_version(platform: FakePlatform, loans: bytes) -> None:
    first = ready(platform, upload(platform, f"{W}/march.csv", loans))
    manifests = platform.store.names("datasets/")
    again = ready(platform, upload(platform, f"{W}/copy of march.csv", loans))
    assert again.id == first.id
    assert platform.store.names("datasets/") == manifests
    assert datasets.load(platform.store, W, again.dataset).source.endswith(f"{W}/march.csv#1772438400000001")


def test_five_deliveries_at_once_are_one_version_and_one_fact(platform: FakePlatform, loans: bytes) -> None:
    event, meeting = upload(platform, f"{W}/march.csv", loans), Barrier(5)

    def meet(method: str, _: str) -> None:
        if method == "create":
            meeting.wait(timeout=10)

    platform.store.before = meet
    results = together(5, partial(told, platform, event))
    ids = [fact.id for result in results if isinstance(result, list) for fact in result]
    assert len(ids) == 5
    assert len(set(ids)) == 1
    assert len(platform.store.names("datasets/")) == 1


def test_an_object_that_was_deleted_before_anybody_looked_was_never_uploaded(
    platform: FakePlatform, loans: bytes
) -> None:
    event = upload(platform, f"{W}/march.csv", loans)
    platform.data.delete(f"{W}/march.csv")
    assert told(platform, event) == []


def test_an_outage_is_not_taken_for_bad_data(platform: FakePlatform, loans: bytes) -> None:
    def down(method: str, _: str) -> None:
        if method == "read":
            raise ConnectionError("the bucket is down")

    event = upload(platform, f"{W}/march.csv", loans)
    platform.data.before = down
    with pytest.raises(ConnectionError):
        told(platform, event)
