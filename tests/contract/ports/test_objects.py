"""One bucket: generations, preconditions, order, checksums."""

import pickle
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, timedelta
from hashlib import md5
from pathlib import Path

import google_crc32c
import pytest
import requests

from headrace.adapters.storage import Bucket
from headrace.errors import Exists, NotFound
from headrace.ports import Objects
from tests.fakes import together


def test_what_was_written_is_read(objects: Objects) -> None:
    objects.write("folder/name with spaces und Umläuten ü.txt", b"\x00\xff content")
    assert objects.read("folder/name with spaces und Umläuten ü.txt") == b"\x00\xff content"


def test_an_address_names_the_bucket_and_the_object(objects: Objects) -> None:
    assert objects.uri("a/b.csv") == f"gs://{objects.bucket}/a/b.csv"


def test_a_link_is_where_a_browser_gets_the_content(objects: Objects) -> None:
    objects.write("reports/a b/report.html", b"<html>")
    link = objects.link("reports/a b/report.html")
    assert objects.bucket in link
    if link.startswith("http://"):  # on the local server; Google's asks who is there
        assert requests.get(link, timeout=10).content == b"<html>"


def test_stat_says_name_size_checksums_and_generation(objects: Objects) -> None:
    generation = objects.write("a.txt", b"hello")
    stat = objects.stat("a.txt")
    assert (stat.name, stat.size, stat.generation) == ("a.txt", 5, generation)
    assert stat.md5 == b64encode(md5(b"hello").digest()).decode()
    assert stat.crc32c == b64encode(google_crc32c.Checksum(b"hello").digest()).decode()
    assert stat.updated.utcoffset() == timedelta(0)
    assert stat.updated.astimezone(UTC).year >= 2026
    assert dict(stat.metadata) == {}


def test_an_empty_object_is_an_object(objects: Objects) -> None:
    objects.write("empty", b"")
    assert objects.read("empty") == b""
    assert objects.read("empty", limit=10) == b""
    assert objects.stat("empty").size == 0


def test_each_write_has_a_later_generation(objects: Objects) -> None:
    first = objects.write("a.txt", b"one")
    second = objects.write("a.txt", b"two")
    assert 0 < first < second
    assert objects.read("a.txt") == b"two"


@pytest.mark.parametrize("limit", [1, 4, 5, 100])
def test_a_read_with_a_limit_gets_the_first_bytes(limit: int, objects: Objects) -> None:
    objects.write("a.txt", b"hello")
    assert objects.read("a.txt", limit=limit) == b"hello"[:limit]


def test_an_object_that_is_not_there_is_not_found(objects: Objects, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=f"gs://{objects.bucket}/none"):
        objects.stat("none")
    with pytest.raises(NotFound, match=f"gs://{objects.bucket}/none"):
        objects.read("none")
    with pytest.raises(NotFound, match=f"gs://{objects.bucket}/none"):
        objects.download("none", tmp_path / "file")


def test_create_never_overwrites(objects: Objects) -> None:
    objects.create("a.txt", b"first")
    with pytest.raises(Exists, match=f"gs://{objects.bucket}/a.txt"):
        objects.create("a.txt", b"second")
    assert objects.read("a.txt") == b"first"


def test_of_many_that_create_the_same_object_at_once_one_succeeds(objects: Objects) -> None:
    results = together(8, lambda: objects.create("a.txt", b"mine"))
    assert [type(result) for result in results if result is not None] == [Exists] * 7


def test_a_write_over_the_generation_that_was_read_replaces_it(objects: Objects) -> None:
    generation = objects.write("a.txt", b"one")
    assert objects.write("a.txt", b"two", over=generation) == objects.stat("a.txt").generation
    assert objects.read("a.txt") == b"two"


def test_a_write_over_a_generation_that_was_replaced_since_changes_nothing(objects: Objects) -> None:
    generation = objects.write("a.txt", b"one")
    objects.write("a.txt", b"two")
    with pytest.raises(Exists):
        objects.write("a.txt", b"three", over=generation)
    assert objects.read("a.txt") == b"two"


def test_a_write_over_a_generation_of_an_object_that_is_not_there_changes_nothing(objects: Objects) -> None:
    with pytest.raises(Exists):
        objects.write("a.txt", b"one", over=1_700_000_000_000_000)
    with pytest.raises(NotFound):
        objects.stat("a.txt")


def test_a_write_over_generation_0_creates(objects: Objects) -> None:
    objects.write("a.txt", b"one", over=0)
    with pytest.raises(Exists):
        objects.write("a.txt", b"two", over=0)


def test_of_many_that_replace_the_same_generation_at_once_one_succeeds(objects: Objects) -> None:
    generation = objects.write("a.txt", b"one")
    results = together(8, lambda: objects.write("a.txt", b"mine", over=generation))
    assert sum(isinstance(result, Exists) for result in results) == 7


def test_a_listing_has_what_is_under_the_prefix_in_the_order_of_names(objects: Objects) -> None:
    for name in ("b/2.txt", "a/10.txt", "a/2.txt", "a/1.txt", "ab.txt"):
        objects.write(name, name.encode())
    assert [stat.name for stat in objects.list("a/")] == ["a/1.txt", "a/10.txt", "a/2.txt"]
    assert [stat.name for stat in objects.list("a")] == ["a/1.txt", "a/10.txt", "a/2.txt", "ab.txt"]
    assert [stat.size for stat in objects.list("b")] == [7]
    assert list(objects.list("c")) == []


def test_a_listing_after_a_name_begins_with_that_name_or_the_next_one(objects: Objects) -> None:
    for name in ("a/1", "a/2", "a/3"):
        objects.write(name, b"")
    assert [stat.name for stat in objects.list("a/", after="a/2")] == ["a/2", "a/3"]
    assert [stat.name for stat in objects.list("a/", after="a/25")] == ["a/3"]
    assert [stat.name for stat in objects.list("a/", after="a/9")] == []


def test_a_listing_agrees_with_stat(objects: Objects) -> None:
    objects.write("a.txt", b"hello")
    assert list(objects.list("a")) == [objects.stat("a.txt")]


def test_a_file_is_uploaded_with_its_metadata_and_downloaded_again(objects: Objects, tmp_path: Path) -> None:
    (tmp_path / "up").write_bytes(b"0123456789" * 100_000)
    stat = objects.upload("big.bin", tmp_path / "up", {"traceparent": "00-1-2-01"})
    assert stat == objects.stat("big.bin")
    assert dict(stat.metadata) == {"traceparent": "00-1-2-01"}
    objects.download("big.bin", tmp_path / "down")
    assert (tmp_path / "down").read_bytes() == (tmp_path / "up").read_bytes()


def test_an_upload_over_generation_0_creates_and_never_overwrites(objects: Objects, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"one")
    objects.upload("a.txt", tmp_path / "file", over=0)
    (tmp_path / "file").write_bytes(b"two")
    with pytest.raises(Exists, match=f"gs://{objects.bucket}/a.txt"):
        objects.upload("a.txt", tmp_path / "file", over=0)
    assert objects.read("a.txt") == b"one"


def test_a_copy_has_the_bytes_and_checksums_of_its_original(objects: Objects) -> None:
    generation = objects.write("from/a.txt", b"hello")
    objects.copy("to/b.txt", objects, "from/a.txt", generation)
    original, copied = objects.stat("from/a.txt"), objects.stat("to/b.txt")
    assert objects.read("to/b.txt") == b"hello"
    assert (copied.size, copied.md5, copied.crc32c) == (original.size, original.md5, original.crc32c)


def test_a_copy_never_overwrites(objects: Objects) -> None:
    generation = objects.write("a.txt", b"one")
    objects.write("b.txt", b"two")
    with pytest.raises(Exists, match=f"gs://{objects.bucket}/b.txt"):
        objects.copy("b.txt", objects, "a.txt", generation)
    assert objects.read("b.txt") == b"two"


def test_a_copy_of_what_was_overwritten_or_never_was_is_not_found(objects: Objects) -> None:
    generation = objects.write("a.txt", b"one")
    objects.write("a.txt", b"two")
    for original in ("a.txt", "none.txt"):
        with pytest.raises(NotFound, match=f"gs://{objects.bucket}/{original}"):
            objects.copy("b.txt", objects, original, generation)


def test_a_download_of_the_current_generation_gets_it(objects: Objects, tmp_path: Path) -> None:
    generation = objects.write("a.txt", b"one")
    objects.download("a.txt", tmp_path / "file", generation)
    assert (tmp_path / "file").read_bytes() == b"one"


def test_a_download_of_a_generation_that_was_overwritten_is_not_found(objects: Objects, tmp_path: Path) -> None:
    generation = objects.write("a.txt", b"one")
    objects.write("a.txt", b"two")
    with pytest.raises(NotFound):
        objects.download("a.txt", tmp_path / "file", generation)


def test_an_opened_object_is_read_piece_by_piece_and_from_anywhere(objects: Objects) -> None:
    content = bytes(range(256)) * 50
    generation = objects.write("a/b", content)
    with objects.open("a/b", generation) as file:
        assert file.read(10) + file.read(10) == content[:20]
        file.seek(-5, 2)
        assert file.read(10) == content[-5:]
        assert file.read(10) == b""
        file.seek(300)
        assert file.read() == content[300:]


def test_an_empty_object_that_is_opened_is_at_its_end(objects: Objects) -> None:
    generation = objects.write("empty", b"")
    with objects.open("empty", generation) as file:
        assert file.read(10) == b""


def test_a_generation_that_was_overwritten_cannot_be_opened_and_read(objects: Objects) -> None:
    generation = objects.write("a", b"one")
    objects.write("a", b"two")
    with pytest.raises(NotFound, match=objects.uri("a")), objects.open("a", generation) as file:
        file.read(1)


def test_another_process_gets_the_bucket_as_its_address(make_bucket: Callable[[str], Bucket]) -> None:
    bucket = make_bucket("headrace-carried")
    bucket.write("a", b"1")
    there: Bucket = pickle.loads(pickle.dumps(bucket))
    assert there is not bucket
    assert (there.uri("a"), there.read("a")) == (bucket.uri("a"), b"1")
