import json
from pathlib import Path

import pytest

from headrace.data import datasets, rotations
from headrace.data.datasets import File, Manifest
from headrace.data.rotations import Rotation
from headrace.errors import Busy, Rejected, WorkloadFailed
from headrace.records import trail
from tests.fakes import FakePlatform, together

W = "loan_default"


def dropped(platform: FakePlatform, name: str, content: bytes, within: str | None = None) -> File:
    """A file in the data bucket, called `within` in its dataset."""
    platform.data.write(name, content)
    return datasets.as_file(platform.data.bucket, platform.data.stat(name), within or name)


def manifest(*files: File) -> Manifest:
    return Manifest(workload=W, dataset=datasets.version_of(files), source="gs://data/x#1", files=files)


def written(folder: Path, **files: str) -> Path:
    """A folder with files of that content, by name without ending."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content)
    return folder


def test_the_same_content_under_another_name_is_the_same_version(platform: FakePlatform) -> None:
    first, second = dropped(platform, "march.csv", b"a,b\n1,2\n"), dropped(platform, "copy.csv", b"a,b\n1,2\n")
    assert datasets.version_of([first]) == datasets.version_of([second])


def test_other_content_under_the_same_name_is_another_version(platform: FakePlatform) -> None:
    first, second = dropped(platform, "march.csv", b"a,b\n1,2\n"), dropped(platform, "march.csv", b"a,b\n1,3\n")
    assert datasets.version_of([first]) != datasets.version_of([second])


def test_a_version_does_not_depend_on_the_order_in_which_its_files_are_listed(platform: FakePlatform) -> None:
    files = [dropped(platform, f"{number}.csv", bytes([number])) for number in range(4)]
    assert datasets.version_of(files) == datasets.version_of(files[::-1])


def test_the_same_images_in_other_class_folders_are_another_version(platform: FakePlatform) -> None:
    cat, dog = b"an image of a cat", b"an image of a dog"
    right = [dropped(platform, "a/cat/1.jpg", cat, "cat/1.jpg"), dropped(platform, "a/dog/1.jpg", dog, "dog/1.jpg")]
    wrong = [dropped(platform, "b/cat/1.jpg", dog, "cat/1.jpg"), dropped(platform, "b/dog/1.jpg", cat, "dog/1.jpg")]
    assert datasets.version_of(right) != datasets.version_of(wrong)


def test_a_version_is_sixteen_hex_digits(platform: FakePlatform) -> None:
    version = datasets.version_of([dropped(platform, "a.csv", b"x")])
    assert len(version) == 16
    assert int(version, 16) >= 0


@pytest.mark.parametrize(
    "name", ["../a.csv", "a/../../b.csv", "/etc/passwd", "..", "a\\b.csv", "a\nb.csv", "a\x00.csv"]
)
def test_a_name_that_could_leave_its_folder_is_rejected(name: str, platform: FakePlatform) -> None:
    with pytest.raises(Rejected, match="is not allowed; use letters, digits and single slashes"):
        dropped(platform, "any", b"x", name)


@pytest.mark.parametrize("name", ["a//b.csv", "./a.csv", "a/./b.csv", "."])
def test_a_name_that_another_name_would_be_stored_under_is_rejected(name: str, platform: FakePlatform) -> None:
    with pytest.raises(Rejected, match="is not allowed; use letters, digits and single slashes"):
        dropped(platform, "any", b"x", name)


@pytest.mark.parametrize("name", ["a.csv", "cat/1.jpg", "März 2026/über.csv", "..a.csv", "a..b/c", "name with spaces"])
def test_an_ordinary_name_is_allowed(name: str, platform: FakePlatform) -> None:
    assert dropped(platform, "any", b"x", name).name == name


def test_a_manifest_is_written_once_for_the_same_content(platform: FakePlatform) -> None:
    first = manifest(dropped(platform, "march.csv", b"x"))
    again = manifest(dropped(platform, "copy.csv", b"x"))
    assert datasets.publish(platform.store, first)
    assert not datasets.publish(platform.store, again)
    assert datasets.load(platform.store, W, again.dataset) == first


def test_of_five_that_publish_the_same_manifest_at_once_one_writes_it(platform: FakePlatform) -> None:
    one = manifest(dropped(platform, "march.csv", b"x"))
    assert sorted(map(str, together(5, lambda: datasets.publish(platform.store, one)))) == ["False"] * 4 + ["True"]


def test_a_dataset_version_that_is_not_there_is_rejected_by_name(platform: FakePlatform) -> None:
    with pytest.raises(Rejected, match="loan_default has no dataset version 'nothing'"):
        datasets.load(platform.store, W, "nothing")


def test_a_dataset_with_one_more_file_is_another_version_that_holds_the_old_files_too(platform: FakePlatform) -> None:
    old, new = manifest(dropped(platform, "a.csv", b"1")), dropped(platform, "b.csv", b"2")
    grown = datasets.with_file(old, new, "drift check 1")
    assert grown.files == (*old.files, new)
    assert grown.dataset != old.dataset
    assert grown.source == "drift check 1"


def test_a_test_set_is_frozen_once_and_thawed_as_it_was(platform: FakePlatform, tmp_path: Path) -> None:
    folder = written(tmp_path / "test", rows="a,b\n1,2\n", more="x")
    digest = datasets.freeze(platform.store, W, "v1", folder)
    assert datasets.freeze(platform.store, W, "v1", folder) == digest
    assert datasets.thaw(platform.store, W, "v1", tmp_path / "out") == digest
    assert {path.name: path.read_text() for path in (tmp_path / "out").iterdir()} == {
        "rows.csv": "a,b\n1,2\n",
        "more.csv": "x",
    }


def test_a_test_set_in_folders_is_thawed_into_the_same_folders(platform: FakePlatform, tmp_path: Path) -> None:
    written(tmp_path / "test" / "cat", one="meow")
    datasets.freeze(platform.store, W, "v1", tmp_path / "test")
    datasets.thaw(platform.store, W, "v1", tmp_path / "out")
    assert (tmp_path / "out" / "cat" / "one.csv").read_text() == "meow"


def test_candidates_that_freeze_the_same_test_set_at_once_agree(platform: FakePlatform, tmp_path: Path) -> None:
    folder = written(tmp_path / "test", rows="a,b\n1,2\n")
    digests = together(3, lambda: datasets.freeze(platform.store, W, "v1", folder))
    assert len(set(digests)) == 1
    assert isinstance(digests[0], str)


def test_a_different_test_set_of_the_same_version_is_the_workloads_failure(
    platform: FakePlatform, tmp_path: Path
) -> None:
    first = datasets.freeze(platform.store, W, "v1", written(tmp_path / "one", rows="1"))
    with pytest.raises(WorkloadFailed, match=f"the split of loan_default v1 gave .*, but {first} was frozen"):
        datasets.freeze(platform.store, W, "v1", written(tmp_path / "two", rows="2"))
    assert datasets.thaw(platform.store, W, "v1", tmp_path / "out") == first


def test_a_frozen_file_that_was_changed_is_detected(platform: FakePlatform, tmp_path: Path) -> None:
    digest = datasets.freeze(platform.store, W, "v1", written(tmp_path / "test", rows="a,b\n1,2\n"))
    platform.store.write(f"testsets/{W}/{digest}/rows.csv", b"a,b\n1,9\n")
    with pytest.raises(Rejected, match=r"the test set of loan_default v1 was changed: rows\.csv is not what was froz"):
        datasets.thaw(platform.store, W, "v1", tmp_path / "out")


def test_a_record_that_was_made_to_fit_a_changed_file_has_another_digest(
    platform: FakePlatform, tmp_path: Path
) -> None:
    digest = datasets.freeze(platform.store, W, "v1", written(tmp_path / "test", rows="a,b\n1,2\n"))
    changed = datasets.freeze(platform.store, W, "other", written(tmp_path / "changed", rows="a,b\n1,9\n"))
    record = json.loads(platform.store.read(f"testsets/{W}/other.json"))
    platform.store.write(f"testsets/{W}/v1.json", json.dumps(record).encode())
    assert datasets.thaw(platform.store, W, "v1", tmp_path / "out") == changed != digest


def test_a_test_set_that_was_never_frozen_is_rejected_by_name(platform: FakePlatform, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="v1"):
        datasets.thaw(platform.store, W, "v1", tmp_path)


def split(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "rows.csv").write_text(text)
    return folder


def test_a_test_set_that_was_put_aside_gives_way_to_what_the_split_gives_next(
    platform: FakePlatform, tmp_path: Path
) -> None:
    first, second = split(tmp_path / "first", "1\n"), split(tmp_path / "second", "2\n")
    before = datasets.freeze(platform.store, W, "v1", first)
    with pytest.raises(WorkloadFailed, match="`headrace rotate-testset loan_default` puts that aside"):
        datasets.freeze(platform.store, W, "v1", second)
    rotation = rotations.rotate(platform, W, "v1", "ana", "the split goes by customer now")
    assert (rotation.number, rotation.at) == (1, platform.clock.now())
    with pytest.raises(Rejected, match="no test set was frozen for loan_default v1; run `headrace retrain`"):
        datasets.thaw(platform.store, W, "v1", tmp_path / "too-early")
    after = datasets.freeze(platform.store, W, "v1", second)
    assert after != before
    assert datasets.freeze(platform.store, W, "v1", second) == after
    assert datasets.thaw(platform.store, W, "v1", tmp_path / "thawed") == after
    assert (tmp_path / "thawed" / "rows.csv").read_text() == "2\n"
    assert platform.store.names(f"testsets/{W}/{before}/"), "what was judged before keeps what it was judged on"


def test_a_rotation_that_nothing_was_frozen_for_is_refused_and_of_five_at_once_one_counts(
    platform: FakePlatform, tmp_path: Path
) -> None:
    with pytest.raises(Rejected, match="nothing is frozen for loan_default v1"):
        rotations.rotate(platform, W, "v1", "ana", "")
    datasets.freeze(platform.store, W, "v1", split(tmp_path / "first", "1\n"))
    results = together(5, lambda: rotations.rotate(platform, W, "v1", "ana", "once"))
    assert sum(isinstance(result, Rotation) for result in results) == 1
    assert all(isinstance(result, Rotation | Busy | Rejected) for result in results)
    assert [each.reason for each in rotations.history(platform.store, W)] == ["once"]
    assert [entry.what for entry in trail.entries(platform.store, W)] == ["test set put aside"]
