"""Dataset versions to `.dvc` files and back, on a platform in memory; tests/contract/dvc has DVC itself."""

import json
from hashlib import md5
from pathlib import Path

import pytest

from headrace import dvc
from headrace.data import datasets
from headrace.data.datasets import Manifest
from headrace.dvc import pointer
from headrace.dvc.tree import Entry, entries_of, hash_of, listing_of
from headrace.errors import Rejected
from tests.fakes import FakePlatform
from workloads.loan_default.generator import write_csv

W = "loan_default"


def hash_of_bytes(content: bytes) -> str:
    return md5(content, usedforsecurity=False).hexdigest()


def object_of(hash: str) -> str:
    return f"dvc/files/md5/{hash[:2]}/{hash[2:]}"


@pytest.fixture
def loans(tmp_path: Path) -> Path:
    """A folder of two files."""
    folder = tmp_path / "loans"
    (folder / "deep").mkdir(parents=True)
    write_csv(folder / "deep" / "1.csv", 20, "2024-01")
    write_csv(folder / "2.csv", 20, "2024-02")
    return folder


@pytest.fixture
def tracked(loans: Path) -> Path:
    """The `.dvc` file of that folder, in a repository without a cache."""
    (loans.parent / ".dvc").mkdir()
    paths = [path for path in loans.rglob("*") if path.is_file()]
    entries = [Entry(path.relative_to(loans).as_posix(), hash_of_bytes(path.read_bytes())) for path in paths]
    return pointer.write(loans, hash_of(listing_of(entries)), 1, len(entries))


def a_version(platform: FakePlatform, folder: Path, composed: bool = False) -> Manifest:
    """The folder as a dataset version; Cloud Storage has no MD5 of objects that were composed."""
    files = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        file = datasets.as_file(platform.data.bucket, platform.data.upload(f"{W}/x/{name}", path), name)
        files.append(file.model_copy(update={"md5": None}) if composed else file)
    manifest = Manifest(workload=W, dataset=datasets.version_of(files), source="x", files=tuple(files))
    datasets.publish(platform.store, manifest)
    return manifest


def test_a_folder_is_listed_as_dvc_lists_it() -> None:
    listing = listing_of([Entry("ü/b.csv", "2" * 32), Entry("a.csv", "1" * 32)])
    assert listing == (
        b'[{"md5": "11111111111111111111111111111111", "relpath": "a.csv"}, '
        b'{"md5": "22222222222222222222222222222222", "relpath": "\\u00fc/b.csv"}]'
    )
    assert hash_of(listing) == hash_of_bytes(listing) + ".dir"
    assert entries_of(listing, hash_of(listing)) == [Entry("a.csv", "1" * 32), Entry("ü/b.csv", "2" * 32)]


def test_a_listing_that_is_not_what_its_hash_says_is_refused() -> None:
    with pytest.raises(Rejected, match="something else"):
        entries_of(b"[]", f"{'0' * 32}.dir")


@pytest.mark.parametrize("composed", [False, True])
def test_pull_brings_the_files_and_leaves_each_content_once_in_the_remote(
    composed: bool, platform: FakePlatform, loans: Path, tmp_path: Path
) -> None:
    (loans / "again.csv").write_bytes((loans / "2.csv").read_bytes())
    manifest = a_version(platform, loans, composed)
    file = dvc.pull(platform, W, manifest.dataset, tmp_path / "new" / "folder")
    assert file == tmp_path / "new" / "folder.dvc"
    assert (tmp_path / "new" / "folder" / "deep" / "1.csv").read_bytes() == (loans / "deep" / "1.csv").read_bytes()
    contents = {path.read_bytes() for path in loans.rglob("*.csv")}
    found = pointer.read(file)
    expected = {object_of(hash_of_bytes(content)) for content in contents} | {object_of(found.hash)}
    assert set(platform.store.names("dvc/")) == expected
    assert [path.name for path in (tmp_path / "new").iterdir() if path.name.startswith(".")] == []


def test_what_was_pulled_is_pushed_as_the_same_dataset_version(
    platform: FakePlatform, loans: Path, tmp_path: Path
) -> None:
    manifest = a_version(platform, loans)
    file = dvc.pull(platform, W, manifest.dataset, tmp_path / "pulled")
    objects = platform.store.names()
    assert dvc.push(platform, W, file).dataset == manifest.dataset
    assert platform.store.names() == objects
    assert datasets.load(platform.store, W, manifest.dataset) == manifest


def test_a_pull_again_copies_nothing_again(platform: FakePlatform, loans: Path, tmp_path: Path) -> None:
    manifest = a_version(platform, loans)
    dvc.pull(platform, W, manifest.dataset, tmp_path / "one")
    before = [stat.generation for stat in platform.store.list("dvc/")]
    dvc.pull(platform, W, manifest.dataset, tmp_path / "two")
    assert [stat.generation for stat in platform.store.list("dvc/")] == before
    assert (tmp_path / "one.dvc").read_text().replace("one", "two") == (tmp_path / "two.dvc").read_text()


def test_a_folder_with_something_in_it_is_left_as_it_is(platform: FakePlatform, loans: Path, tmp_path: Path) -> None:
    manifest = a_version(platform, loans)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(Rejected, match="is there already"):
        dvc.pull(platform, W, manifest.dataset, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]
    assert not (tmp_path / "mine.dvc").exists()


def test_a_pull_of_data_that_was_overwritten_leaves_nothing(
    platform: FakePlatform, loans: Path, tmp_path: Path
) -> None:
    manifest = a_version(platform, loans)
    platform.data.write(f"{W}/x/2.csv", b"something else")
    with pytest.raises(Rejected, match="is gone or was overwritten"):
        dvc.pull(platform, W, manifest.dataset, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert platform.store.names("dvc/") == ()


def test_what_lies_beside_its_dvc_file_is_uploaded_with_its_listing(
    platform: FakePlatform, loans: Path, tracked: Path
) -> None:
    manifest = dvc.push(platform, W, tracked)
    assert manifest.dataset == a_version(FakePlatform(), loans).dataset
    assert {file.bucket for file in manifest.files} == {platform.store.bucket}
    listing = platform.store.read(object_of(pointer.read(tracked).hash))
    assert [each["relpath"] for each in json.loads(listing)] == ["2.csv", "deep/1.csv"]


@pytest.mark.parametrize("settings", ["", "[cache]\n    dir = ../elsewhere\n['remote \"x\"']\n    url = gs://x\n"])
def test_what_only_dvcs_cache_has_is_found_there(
    settings: str, platform: FakePlatform, loans: Path, tracked: Path
) -> None:
    repository = loans.parent / ".dvc"
    (repository / "config").write_text(settings)
    cache = (loans.parent / "elsewhere" if settings else repository / "cache") / "files" / "md5"
    for path in [path for path in loans.rglob("*") if path.is_file()]:
        hash = hash_of_bytes(path.read_bytes())
        (cache / hash[:2]).mkdir(parents=True, exist_ok=True)
        path.rename(cache / hash[:2] / hash[2:])
    entries = [Entry("deep/1.csv", _cached(cache)[0]), Entry("2.csv", _cached(cache)[1])]
    listing = listing_of(entries)
    (cache / hash_of(listing)[:2]).mkdir(exist_ok=True)
    (cache / hash_of(listing)[:2] / hash_of(listing)[2:]).write_bytes(listing)
    file = pointer.write(loans, hash_of(listing), 1, 2)
    assert {file.name for file in dvc.push(platform, W, file).files} == {"deep/1.csv", "2.csv"}


def _cached(cache: Path) -> list[str]:
    return sorted(path.parent.name + path.name for path in cache.glob("*/*"))


def test_what_is_nowhere_is_refused_by_its_name(platform: FakePlatform, loans: Path, tracked: Path) -> None:
    dvc.push(platform, W, tracked)
    platform.store.delete(object_of(hash_of_bytes((loans / "2.csv").read_bytes())))
    (loans / "2.csv").unlink()
    with pytest.raises(Rejected, match=r"2\.csv is neither here, nor in DVC's cache, nor in the remote"):
        dvc.push(platform, W, tracked)


def test_data_that_changed_since_it_was_tracked_is_not_uploaded(
    platform: FakePlatform, loans: Path, tracked: Path
) -> None:
    (loans / "2.csv").write_bytes(b"changed")
    with pytest.raises(Rejected, match="is not what its"):
        dvc.push(platform, W, tracked)
    assert platform.store.names() == ()


def test_a_file_that_changed_since_it_was_tracked_is_not_uploaded(platform: FakePlatform, loans: Path) -> None:
    file = loans / "2.csv.dvc"
    file.write_text(f"outs:\n- md5: {'f' * 32}\n  hash: md5\n  path: 2.csv\n")
    with pytest.raises(Rejected, match="is not what DVC tracks"):
        dvc.push(platform, W, file)
    assert platform.store.names() == ()


def test_an_object_of_the_remote_that_is_not_what_its_name_says_is_refused(
    platform: FakePlatform, loans: Path, tracked: Path
) -> None:
    platform.store.write(object_of(hash_of_bytes((loans / "2.csv").read_bytes())), b"half of it")
    with pytest.raises(Rejected, match="is not the content that its name says"):
        dvc.push(platform, W, tracked)
    assert platform.store.names("datasets/") == ()


def test_a_marker_is_no_part_of_the_data(platform: FakePlatform, loans: Path) -> None:
    expected = a_version(FakePlatform(), loans).dataset
    (loans / "_SUCCESS").touch()
    paths = [path for path in loans.rglob("*") if path.is_file()]
    entries = [Entry(path.relative_to(loans).as_posix(), hash_of_bytes(path.read_bytes())) for path in paths]
    file = pointer.write(loans, hash_of(listing_of(entries)), 1, 3)
    assert dvc.push(platform, W, file).dataset == expected


def test_data_that_the_workload_cannot_use_makes_no_version(platform: FakePlatform, tmp_path: Path) -> None:
    for name, content in (("notes.txt", b"call Ana"), ("cities.csv", b"city,people\nBern,134794\n")):
        (tmp_path / name).write_bytes(content)
        file = tmp_path / f"{name}.dvc"
        file.write_text(f"outs:\n- md5: {hash_of_bytes(content)}\n  hash: md5\n  path: {name}\n")
        with pytest.raises(Rejected, match=name):
            dvc.push(platform, W, file)
    assert platform.store.names("datasets/") == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "does not track one file or folder"),
        ("outs: [", "does not track one file or folder"),
        ("outs:\n- path: x\n  etag: y\n", "does not track one file or folder"),
        ("outs:\n- {md5: a, path: x, hash: md5}\n- {md5: b, path: y, hash: md5}\n", "does not track one file"),
        ("outs:\n- md5: ../../x\n  hash: md5\n  path: x\n", "is no MD5"),
        ("outs:\n- md5: 12\n  hash: md5\n  path: x\n", "does not track one file or folder"),
        (f"outs:\n- md5: {'a' * 32}\n  path: x\n", "was written by DVC 2"),
    ],
)
def test_a_dvc_file_that_says_something_else_is_refused(text: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "x.dvc").write_text(text)
    with pytest.raises(Rejected, match=sentence):
        pointer.read(tmp_path / "x.dvc")


def test_a_dvc_file_may_have_a_working_folder(tmp_path: Path) -> None:
    (tmp_path / "x.dvc").write_text(f"wdir: ../data\nouts:\n- md5: {'a' * 32}.dir\n  hash: md5\n  path: x\n")
    found = pointer.read(tmp_path / "x.dvc")
    assert (found.data, found.is_folder) == (tmp_path / ".." / "data" / "x", True)
