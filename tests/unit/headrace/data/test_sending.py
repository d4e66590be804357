from pathlib import Path

import pytest

from functions.ingest.main import ingest
from headrace.bus.triggers import ObjectFinalized
from headrace.data import sending
from headrace.errors import Rejected
from headrace.events import DatasetReady
from tests.fakes import FakePlatform
from workloads.loan_default.generator import write_csv

W = "loan_default"


def finalized(platform: FakePlatform, source: str) -> ObjectFinalized:
    """What Cloud Storage tells of the object that `source` names."""
    name, _, generation = source.removeprefix(platform.data.uri("")).partition("#")
    stat = platform.data.stat(name)
    assert stat.generation == int(generation)
    return ObjectFinalized(
        bucket=platform.data.bucket,
        name=name,
        generation=stat.generation,
        size=stat.size,
        metadata=stat.metadata,
    )


def loans(folder: Path, *months: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for month in months:
        write_csv(folder / f"{month}.csv", 20, f"2024-{month:02d}", seed=month)
    return folder


@pytest.mark.parametrize("months", [(1,), (1, 2, 3)], ids=["one file", "three files"])
def test_ingest_makes_the_dataset_version_that_was_foretold_of_what_was_sent(
    platform: FakePlatform, tmp_path: Path, months: tuple[int, ...]
) -> None:
    folder = loans(tmp_path / "spring", *months)
    sent = sending.send(platform.data, W, folder, {"traceparent": "t"})
    (fact,) = ingest(finalized(platform, sent.source), platform)
    assert isinstance(fact, DatasetReady)
    assert fact.dataset == sent.dataset


def test_a_file_by_itself_needs_no_marker(platform: FakePlatform, tmp_path: Path) -> None:
    file = loans(tmp_path, 1) / "1.csv"
    sent = sending.send(platform.data, W, file, {})
    assert platform.data.names() == (f"{W}/1.csv",)
    (fact,) = ingest(finalized(platform, sent.source), platform)
    assert isinstance(fact, DatasetReady)
    assert fact.dataset == sent.dataset


def test_the_marker_comes_last_and_bears_what_the_files_bear(platform: FakePlatform, tmp_path: Path) -> None:
    order: list[str] = []
    platform.data.before = lambda method, name: order.append(name) if method == "upload" else None
    sending.send(platform.data, W, loans(tmp_path / "a", 1, 2), {"uploaded-by": "ana"}, name="b")
    assert order == [f"{W}/b/1.csv", f"{W}/b/2.csv", f"{W}/b/_SUCCESS"]
    assert {platform.data.stat(name).metadata["uploaded-by"] for name in order} == {"ana"}


def test_a_marker_on_this_machine_is_not_sent_as_a_file(platform: FakePlatform, tmp_path: Path) -> None:
    folder = loans(tmp_path / "a", 1)
    (folder / "_SUCCESS").write_text("written by somebody else")
    sending.send(platform.data, W, folder, {})
    assert platform.data.read(f"{W}/a/_SUCCESS") == b""


def test_progress_is_told_in_bytes_after_each_file(platform: FakePlatform, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    folder = loans(tmp_path / "a", 1, 2)
    sending.send(platform.data, W, folder, {}, report=lambda sent, total: told.append((sent, total)))
    sizes = [(folder / f"{month}.csv").stat().st_size for month in (1, 2)]
    assert told == [(sizes[0], sum(sizes)), (sum(sizes), sum(sizes))]


def test_a_folder_without_a_file_is_refused_and_nothing_is_sent(platform: FakePlatform, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="holds no file"):
        sending.send(platform.data, W, tmp_path, {})
    assert platform.data.names() == ()
