from contextlib import suppress
from pathlib import Path
from threading import Event, Lock
from time import sleep

import pytest

from headrace.data import datasets, downloads
from headrace.data.datasets import File
from headrace.data.filecache import FileCache
from headrace.data.folder_dataset import FolderDataset
from headrace.errors import Rejected, Unavailable
from headrace.training import stages
from headrace.workload import Dataset
from tests.fakes import FakePlatform, together
from workloads.loan_default.generator import write_csv

W = "loan_default"
PATIENCE = 20


def dropped(platform: FakePlatform, name: str, content: bytes) -> File:
    """A file in the data bucket."""
    platform.data.write(name, content)
    return datasets.as_file(platform.data.bucket, platform.data.stat(name), name)


def many(platform: FakePlatform, count: int) -> list[File]:
    return [dropped(platform, f"{number:03}.txt", b"%d" % number) for number in range(count)]


def months(platform: FakePlatform, folder: Path) -> list[File]:
    """Two files that make a dataset of loans."""
    folder.mkdir()
    for number, name in enumerate(("a.csv", "b.csv")):
        write_csv(folder / name, 400, f"2024-0{number + 1}")
    return [dropped(platform, path.name, path.read_bytes()) for path in sorted(folder.iterdir())]


def held_back(platform: FakePlatform, until: Event, *names: str) -> None:
    """Let the downloads of `names` wait, and fail when it takes too long."""

    def before(method: str, name: str) -> None:
        if method == "download" and name in names:
            assert until.wait(PATIENCE)

    platform.data.before = before


def down(method: str, _name: str) -> None:
    if method == "download":
        raise ConnectionError("down")


class Watched:
    """A dataset that tells when a file has been asked for."""

    def __init__(self, dataset: Dataset, asked: Event) -> None:
        self._dataset, self._asked = dataset, asked
        self.names = dataset.names

    def path(self, name: str) -> Path:
        self._asked.set()
        return self._dataset.path(name)


def test_a_dataset_is_fetched_into_its_folders_from_every_bucket_it_lies_in(
    platform: FakePlatform, tmp_path: Path
) -> None:
    image = dropped(platform, "cat/1.jpg", b"an image")
    platform.store.write("labelled/new.csv", b"rows")
    added = datasets.as_file(platform.store.bucket, platform.store.stat("labelled/new.csv"), "new.csv")
    downloads.fetch((platform.data, platform.store), (image, added), tmp_path)
    assert (tmp_path / "cat" / "1.jpg").read_bytes() == b"an image"
    assert (tmp_path / "new.csv").read_bytes() == b"rows"


def test_files_are_named_in_the_order_in_which_a_folder_of_them_is_read(platform: FakePlatform, tmp_path: Path) -> None:
    names = ["a/b", "a.b", "a b/c", "a/B", "a/b.c/d", "a/b c", "ä", "Z", "a-b/1", "a/10", "a/9"]
    with downloads.arriving([platform.data], [dropped(platform, name, b"x") for name in names], tmp_path) as dataset:
        for name in names:
            assert dataset.path(name) == tmp_path / name
        assert list(dataset.names) == FolderDataset(tmp_path).names


def test_an_object_that_was_overwritten_since_is_not_fetched(platform: FakePlatform, tmp_path: Path) -> None:
    file = dropped(platform, "march.csv", b"what was uploaded")
    platform.data.write("march.csv", b"what came later")
    with pytest.raises(Rejected, match=rf"march\.csv#{file.generation} is gone or was overwritten; upload the dataset"):
        downloads.fetch([platform.data], [file], tmp_path)


def test_an_object_that_was_overwritten_by_the_same_content_is_fetched(platform: FakePlatform, tmp_path: Path) -> None:
    file = dropped(platform, "march.csv", b"the same")
    platform.data.write("march.csv", b"the same")
    downloads.fetch([platform.data], [file], tmp_path)
    assert (tmp_path / "march.csv").read_bytes() == b"the same"


def test_an_object_that_was_deleted_since_is_not_fetched(platform: FakePlatform, tmp_path: Path) -> None:
    file = dropped(platform, "march.csv", b"x")
    platform.data.delete("march.csv")
    with pytest.raises(Rejected, match="is gone or was overwritten"):
        downloads.fetch([platform.data], [file], tmp_path)


def test_an_object_that_is_replaced_while_others_are_read_is_rejected_when_it_is_asked_for(
    platform: FakePlatform, tmp_path: Path
) -> None:
    files, read = [dropped(platform, "a.csv", b"1"), dropped(platform, "b.csv", b"2")], Event()
    held_back(platform, read, "b.csv")
    gone = pytest.raises(Rejected, match=r"b\.csv#.* is gone or was overwritten")
    with gone, downloads.arriving([platform.data], files, tmp_path) as dataset:
        assert dataset.path("a.csv").read_bytes() == b"1"
        platform.data.write("b.csv", b"3")
        read.set()
        dataset.path("b.csv")


def test_a_workload_begins_before_the_last_file_has_arrived(platform: FakePlatform, tmp_path: Path) -> None:
    files, begun = months(platform, tmp_path / "months"), Event()
    held_back(platform, begun, "b.csv")
    with downloads.arriving([platform.data], files, tmp_path / "dataset") as dataset:
        prepared = stages.prepare(W, Watched(dataset, begun), tmp_path / "split")
    assert prepared == stages.prepare(W, FolderDataset(tmp_path / "months"), tmp_path / "again")


def test_a_file_that_is_asked_for_does_not_wait_for_those_before_it(platform: FakePlatform, tmp_path: Path) -> None:
    files, asked = many(platform, 3 * downloads.SMALL), Event()
    *others, last = [file.name for file in files]
    held_back(platform, asked, *others)
    with downloads.arriving([platform.data], files, tmp_path) as dataset:
        dataset.path(last)
        asked.set()
        assert [dataset.path(name).name for name in others] == others


def test_a_file_that_several_ask_for_at_once_is_downloaded_once(platform: FakePlatform, tmp_path: Path) -> None:
    begun = []
    platform.data.before = lambda method, name: begun.append(name) if method == "download" else None
    with downloads.arriving([platform.data], many(platform, 20), tmp_path) as dataset:
        paths = together(8, lambda: [dataset.path(name) for name in dataset.names])
    assert paths == [[tmp_path / name for name in sorted(set(begun))]] * 8
    assert len(begun) == 20


def test_of_large_files_few_are_on_their_way_at_once(
    platform: FakePlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_their_way, most, lock, arrived = 0, 0, Lock(), Event()

    def before(method: str, _name: str) -> None:
        nonlocal on_their_way, most
        if method == "download":
            with lock:
                on_their_way += 1
                most = max(most, on_their_way)
            sleep(0.02)
            with lock:
                on_their_way -= 1

    files = many(platform, 3 * downloads.LARGE)
    platform.data.before = before
    monkeypatch.setattr(downloads, "LARGE_BYTES", 1)
    with downloads.arriving(
        [platform.data], files, tmp_path, report=lambda share, _: arrived.set() if share == 1 else None
    ):
        assert arrived.wait(PATIENCE)
    assert most == downloads.LARGE


def test_who_leaves_early_leaves_the_rest_behind(platform: FakePlatform, tmp_path: Path) -> None:
    files, begun = many(platform, 400), []

    def before(method: str, name: str) -> None:
        if method == "download":
            begun.append(name)
            sleep(0.1)

    platform.data.before = before
    with downloads.arriving([platform.data], files, tmp_path) as dataset:
        dataset.path(files[0].name)
    left = len(begun)
    assert left <= 3 * downloads.SMALL
    assert len(list(tmp_path.iterdir())) == left
    sleep(0.2)
    assert len(begun) == left


@pytest.mark.parametrize("error", [ConnectionError("reset"), OSError("no space"), ValueError("a bug"), KeyError(7)])
def test_whatever_keeps_a_file_away_is_no_failure_of_the_workload(
    error: Exception, platform: FakePlatform, tmp_path: Path
) -> None:
    def before(method: str, name: str) -> None:
        if (method, name) == ("download", "b.csv"):
            raise error

    files = months(platform, tmp_path / "months")
    platform.data.before = before
    with (
        pytest.raises(Unavailable, match=f"gs://{platform.data.bucket}/b.csv did not arrive: {type(error).__name__}: "),
        downloads.arriving([platform.data], files, tmp_path / "dataset") as dataset,
    ):
        stages.prepare(W, dataset, tmp_path / "split")


def test_an_outage_is_not_forgotten_by_who_goes_on_without_the_file(platform: FakePlatform, tmp_path: Path) -> None:
    file = dropped(platform, "a.csv", b"1")
    platform.data.before = down
    missed, arriving = pytest.raises(Unavailable), downloads.arriving([platform.data], [file], tmp_path)
    with missed, arriving as dataset, suppress(Unavailable):
        dataset.path("a.csv")


def test_an_outage_stays_one_whatever_who_was_told_makes_of_it(platform: FakePlatform, tmp_path: Path) -> None:
    class Wrapping(Watched):
        def path(self, name: str) -> Path:
            try:
                return super().path(name)
            except Unavailable as error:
                raise RuntimeError(f"cannot read {name}") from error

    file = dropped(platform, "a.csv", b"1")
    platform.data.before = down
    missed, arriving = pytest.raises(Unavailable), downloads.arriving([platform.data], [file], tmp_path / "dataset")
    with missed as caught, arriving as dataset:
        stages.prepare(W, Wrapping(dataset, Event()), tmp_path / "split")
    assert isinstance(caught.value.__cause__, ConnectionError)


def test_a_file_that_nobody_asks_for_may_stay_away(platform: FakePlatform, tmp_path: Path) -> None:
    wanted, other = dropped(platform, "a.csv", b"1"), dropped(platform, "readme.txt", b"2")
    platform.data.delete("readme.txt")
    with downloads.arriving([platform.data], [wanted, other], tmp_path) as dataset:
        assert dataset.path("a.csv").read_bytes() == b"1"


def test_what_arrives_is_reported_file_by_file_and_never_less(platform: FakePlatform, tmp_path: Path) -> None:
    said: list[tuple[float, str]] = []
    with downloads.arriving(
        [platform.data], many(platform, 40), tmp_path, report=lambda *words: said.append(words)
    ) as dataset:
        assert all(dataset.path(name) for name in dataset.names)
    assert said == [(number / 40, f"fetched {number} of 40 files") for number in range(1, 41)]


def test_what_the_cache_has_is_not_downloaded(platform: FakePlatform, tmp_path: Path) -> None:
    files, cache = many(platform, 5), FileCache(tmp_path / "cache")
    with downloads.arriving([platform.data], files, tmp_path / "one", cache) as dataset:
        assert all(dataset.path(name) for name in dataset.names)
    platform.data.before = down
    with downloads.arriving([platform.data], files, tmp_path / "two", cache) as dataset:
        assert [dataset.path(name).read_bytes() for name in dataset.names] == [b"%d" % number for number in range(5)]
