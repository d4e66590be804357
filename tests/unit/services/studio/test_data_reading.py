from datetime import timedelta

from headrace.data import datasets, rotations
from headrace.data.datasets import Manifest
from headrace.events import DatasetRejected
from services.studio.reading import data
from tests.fakes import FakePlatform

from .keeping import W, made, told, trained, uploaded


def platform_with(*contents: bytes) -> tuple[FakePlatform, list[Manifest]]:
    """A dataset version for each content, an hour apart."""
    platform, found = FakePlatform(), []
    for number, content in enumerate(contents):
        uploaded(platform, f"{number}.csv", content)
        found.append(made(platform, f"{number}.csv"))
        platform.clock.advance(hours=1)
    return platform, found


def test_dataset_versions_come_with_the_newest_first() -> None:
    platform, (first, second) = platform_with(b"a", b"bcd")
    known = data.known(platform.store, W)
    assert [each.dataset for each in known.made] == [second.dataset, first.dataset]
    assert [each.size for each in known.made] == [3, 1]
    assert known.total == 2


def test_the_workload_that_data_came_for_last_is_named() -> None:
    platform, _ = platform_with(b"a")
    assert data.newest(platform.store) == W
    made(platform, "0.csv", workload="sentiment")
    assert data.newest(platform.store) == "sentiment"
    assert data.newest(FakePlatform().store) == ""


def test_a_version_that_a_file_was_added_to_is_the_parent_of_the_one_with_it() -> None:
    platform, (before,) = platform_with(b"a")
    uploaded(platform, "labels.csv", b"truth")
    file = datasets.as_file(platform.data.bucket, platform.data.stat(f"{W}/labels.csv"), "labels.csv")
    datasets.publish(platform.store, datasets.with_file(before, file, "drift check 1"))
    after, alone = data.known(platform.store, W).made
    assert after.parent == before.dataset == alone.dataset
    assert alone.parent is None


def test_a_folder_whose_files_were_no_version_before_has_no_parent() -> None:
    platform = FakePlatform()
    for name in ("a.csv", "b.csv"):
        uploaded(platform, name, name.encode())
    made(platform, "a.csv", "b.csv")
    assert data.known(platform.store, W).made[0].parent is None


def test_what_was_trained_on_a_version_is_told_with_its_rows_and_test_sets() -> None:
    platform, (first, second) = platform_with(b"a", b"b")
    trained(platform, first, rows="800+200", testset="one")
    trained(platform, first, rows="700+300", testset="two")
    uses = data.uses(platform.registry.versions(W))
    use = uses[first.dataset]
    assert (use.train_rows, use.test_rows, use.testsets, use.models) == (700, 300, ("one", "two"), (1, 2))
    assert second.dataset not in uses


def test_a_model_of_a_release_that_counted_no_rows_has_none() -> None:
    platform, (first,) = platform_with(b"a")
    platform.registry.register(W, "run", "gs://m", {"headrace.dataset": first.dataset})
    use = data.uses(platform.registry.versions(W))[first.dataset]
    assert (use.train_rows, use.test_rows, use.testsets) == (None, None, ())


def test_a_version_is_told_with_its_card_its_test_set_and_who_uploaded_it(tmp_path: object) -> None:
    platform, (first,) = platform_with(b"a")
    platform.store.write(f"cards/{W}/{first.dataset}.md", b"# The card")
    platform.store.write(f"cards/{W}/{first.dataset}.html", b"<h1>The card</h1>")
    platform.store.write(f"testsets/{W}/{first.dataset}.json", b'{"digest": "c0ffee", "files": {"test.csv": "1"}}')
    detail = data.detail(platform, first)
    assert (detail.card, detail.page) == ("# The card", b"<h1>The card</h1>")
    assert (detail.testset, detail.test_files, detail.rotated) == ("c0ffee", 1, 0)
    rotations.rotate(platform, W, first.dataset, "ana", "too easy")
    assert data.detail(platform, first).testset == ""
    assert data.detail(platform, first).rotated == 1


def test_a_version_whose_upload_was_deleted_is_told_without_its_uploader() -> None:
    platform, (first,) = platform_with(b"a")
    platform.data.delete(f"{W}/0.csv")
    assert data.detail(platform, first).uploader == ""
    assert data.detail(platform, first).card == ""


def test_refused_uploads_come_with_the_newest_first_and_those_of_no_workload_with_each() -> None:
    platform = FakePlatform()
    for workload, reason in ((W, "no rows"), ("lones", "no workload named 'lones'"), ("sentiment", "no text")):
        told(platform, DatasetRejected(workload=workload, source=f"gs://data/{reason}#1", reason=reason))
        platform.clock.advance(minutes=1)
    since = platform.clock.now() - timedelta(days=1)
    assert [each.reason for each in data.refused(platform.audit, W, since)] == ["no workload named 'lones'", "no rows"]
    assert data.refused(platform.audit, W, platform.clock.now()) == []
