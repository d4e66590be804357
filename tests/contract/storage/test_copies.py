"""Copy, rewrite, move, rename and compose."""

import base64
from typing import Any

import google_crc32c
import pytest
from google.api_core.exceptions import BadRequest, NotFound


@pytest.fixture
def source(bucket: Any) -> Any:
    blob = bucket.blob("from/a")
    blob.metadata = {"k": "v"}
    blob.upload_from_string(b"content", content_type="text/csv")
    return blob


def test_a_copy_keeps_bytes_and_metadata(storage: Any, client: Any, bucket: Any, source: Any) -> None:
    files = len(storage.blob_files())
    other = client.create_bucket(f"{bucket.name}-2")
    copied = bucket.copy_blob(source, other, "to/b")
    assert copied.generation > source.generation
    assert other.blob("to/b").download_as_bytes() == b"content"
    found = other.get_blob("to/b")
    assert (found.metadata, found.content_type, found.metageneration) == ({"k": "v"}, "text/csv", 1)
    assert len(storage.blob_files()) == files


def test_a_copy_outlives_its_source(bucket: Any, source: Any) -> None:
    bucket.copy_blob(source, bucket, "copy")
    source.delete()
    assert bucket.blob("copy").download_as_bytes() == b"content"


def test_a_rename_is_a_copy_and_a_delete(bucket: Any, source: Any) -> None:
    bucket.rename_blob(source, "renamed")
    assert [blob.name for blob in bucket.list_blobs()] == ["renamed"]


def test_a_rewrite_is_done_in_one_call(bucket: Any, source: Any) -> None:
    token, written, total = bucket.blob("rewritten").rewrite(source)
    assert (token, written, total) == (None, 7, 7)
    assert bucket.get_blob("rewritten").metadata == {"k": "v"}
    with pytest.raises(BadRequest, match="rewriteToken"):
        bucket.blob("rewritten").rewrite(source, token="made-up")


def test_given_metadata_replaces_the_sources(bucket: Any, source: Any) -> None:
    blob = bucket.blob("rewritten")
    blob.content_type = "text/plain"
    blob.rewrite(source)
    found = bucket.get_blob("rewritten")
    assert (found.content_type, found.metadata) == ("text/plain", None)


def test_a_storage_class_changes_by_rewriting(bucket: Any, source: Any) -> None:
    found = bucket.get_blob(source.name)
    found.storage_class = "NEARLINE"
    with pytest.raises(BadRequest, match="rewriting"):
        found.patch()
    found.update_storage_class("NEARLINE")
    again = bucket.get_blob(source.name)
    assert (again.storage_class, again.metadata) == ("NEARLINE", {"k": "v"})


def test_a_missing_source_is_not_found(bucket: Any, source: Any) -> None:
    with pytest.raises(NotFound):
        bucket.copy_blob(bucket.blob("nothing"), bucket, "copy")
    with pytest.raises(NotFound):
        bucket.copy_blob(source, bucket, "copy", source_generation=source.generation - 1)


def test_a_move_leaves_one_object(storage: Any, http: Any, bucket: Any, source: Any) -> None:
    url = f"{storage.url}/storage/v1{source.path}/moveTo/o/moved"
    assert http.post(url).json()["name"] == "moved"
    assert [blob.name for blob in bucket.list_blobs()] == ["moved"]
    assert bucket.blob("moved").download_as_bytes() == b"content"


def test_compose_concatenates_32_objects(bucket: Any) -> None:
    parts = [bucket.blob(f"part-{index}") for index in range(32)]
    for index, part in enumerate(parts):
        part.upload_from_string(b"%02d" % index * 50_000)
    composed = bucket.blob("whole")
    composed.content_type = "text/plain"
    composed.compose(parts)
    content = b"".join(b"%02d" % index * 50_000 for index in range(32))
    found = bucket.get_blob("whole")
    assert (found.component_count, found.md5_hash, found.content_type) == (32, None, "text/plain")
    assert found.crc32c == base64.b64encode(google_crc32c.Checksum(content).digest()).decode()
    assert found.download_as_bytes() == content
    with pytest.raises(BadRequest, match="33"):
        composed.compose([*parts, parts[0]])


def test_compose_can_append_to_its_own_first_source(bucket: Any) -> None:
    log, line = bucket.blob("log"), bucket.blob("line")
    log.upload_from_string(b"one ")
    line.upload_from_string(b"two")
    log.compose([log, line])
    assert bucket.blob("log").download_as_bytes() == b"one two"
    assert bucket.get_blob("log").component_count == 2


def test_compose_can_delete_its_sources(bucket: Any) -> None:
    parts = [bucket.blob("a"), bucket.blob("b")]
    for part in parts:
        part.upload_from_string(b"x")
    bucket.blob("whole").compose(parts, delete_source_objects=True)
    assert [blob.name for blob in bucket.list_blobs()] == ["whole"]


def test_compose_with_a_missing_source_stores_nothing(storage: Any, bucket: Any, source: Any) -> None:
    files = set(storage.blob_files())
    with pytest.raises(NotFound, match="nothing"):
        bucket.blob("whole").compose([source, bucket.blob("nothing")])
    assert set(storage.blob_files()) == files
