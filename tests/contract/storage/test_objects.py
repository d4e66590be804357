"""Objects written, read, changed and deleted through Google's client."""

import base64
import gzip
import hashlib
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import google_crc32c
import pytest
from google.api_core.exceptions import BadRequest, NotFound, RequestRangeNotSatisfiable

CONTENT = bytes(range(256)) * 1024


def _object_url(storage: Any, bucket: Any, name: str, *, media: bool = False) -> str:
    url = f"{storage.url}/storage/v1/b/{bucket.name}/o/{quote(name, safe='')}"
    return f"{url}?alt=media" if media else url


def test_what_is_uploaded_is_downloaded(bucket: Any) -> None:
    bucket.blob("a/b.bin").upload_from_string(CONTENT)
    assert bucket.blob("a/b.bin").download_as_bytes() == CONTENT


def test_an_empty_object_is_an_object(bucket: Any) -> None:
    bucket.blob("_SUCCESS").upload_from_string(b"")
    assert bucket.get_blob("_SUCCESS").size == 0
    assert bucket.blob("_SUCCESS").download_as_bytes() == b""


def test_the_resource_has_googles_shape(storage: Any, http: Any, bucket: Any) -> None:
    bucket.blob("a b/ü.csv").upload_from_string(b"x,y\n", content_type="text/csv")
    found = http.get(_object_url(storage, bucket, "a b/ü.csv")).json()
    assert found["kind"] == "storage#object"
    assert found["id"] == f"{bucket.name}/a b/ü.csv/{found['generation']}"
    assert (found["size"], found["metageneration"]) == ("4", "1")
    assert found["md5Hash"] == base64.b64encode(hashlib.md5(b"x,y\n").digest()).decode()
    assert found["crc32c"] == base64.b64encode(google_crc32c.Checksum(b"x,y\n").digest()).decode()
    assert found["contentType"] == "text/csv"
    assert http.get(found["mediaLink"]).content == b"x,y\n"
    assert http.get(found["selfLink"]).json() == found


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a//b", "a/./b", "per%cent%2F", "ö ü?#&+", "x" * 1024]
)
def test_any_legal_name_is_just_a_name(storage: Any, bucket: Any, name: str) -> None:
    bucket.blob(name).upload_from_string(name.encode())
    assert bucket.blob(name).download_as_bytes() == name.encode()
    assert [blob.name for blob in bucket.list_blobs()] == [name]
    assert all(len(path.name) == 32 for path in storage.blob_files())


@pytest.mark.parametrize("name", ["..", "a\nb", "x" * 1025, ".well-known/acme-challenge/token"])
def test_illegal_names_are_refused(bucket: Any, name: str) -> None:
    with pytest.raises(BadRequest):
        bucket.blob(name).upload_from_string(b"")


def test_a_missing_object_is_named(bucket: Any) -> None:
    with pytest.raises(NotFound, match="No such object"):
        bucket.blob("nothing").download_as_bytes()
    with pytest.raises(NotFound):
        bucket.blob("nothing").delete()


def test_an_overwrite_is_a_new_generation_and_frees_the_old_bytes(storage: Any, bucket: Any) -> None:
    blob = bucket.blob("a")
    blob.upload_from_string(b"one")
    first, files = blob.generation, len(storage.blob_files())
    blob.upload_from_string(b"two")
    assert blob.generation > first
    assert len(storage.blob_files()) == files
    with pytest.raises(NotFound, match=str(first)):
        bucket.blob("a", generation=first).download_as_bytes()


@pytest.mark.parametrize(
    ("header", "status", "expected"),
    [
        ("bytes=0-0", 206, CONTENT[:1]),
        ("bytes=100-199", 206, CONTENT[100:200]),
        ("bytes=262000-", 206, CONTENT[262000:]),
        ("bytes=262000-999999", 206, CONTENT[262000:]),
        ("bytes=-16", 206, CONTENT[-16:]),
        ("bytes=-999999", 206, CONTENT),
        ("bytes=262144-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=9-1", 200, CONTENT),
        ("lines=1-2", 200, CONTENT),
    ],
)
def test_ranges(storage: Any, http: Any, bucket: Any, header: str, status: int, expected: bytes | None) -> None:
    bucket.blob("ranged").upload_from_string(CONTENT)
    answer = http.get(_object_url(storage, bucket, "ranged", media=True), headers={"Range": header})
    assert answer.status_code == status
    if expected is None:
        assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"
    else:
        assert answer.content == expected


def test_the_client_reads_ranges_and_ends(bucket: Any) -> None:
    bucket.blob("ranged").upload_from_string(CONTENT)
    assert bucket.blob("ranged").download_as_bytes(start=10, end=19) == CONTENT[10:20]
    with pytest.raises(RequestRangeNotSatisfiable):
        bucket.blob("ranged").download_as_bytes(start=len(CONTENT))


def test_a_chunked_download_is_whole(bucket: Any, tmp_path: Any) -> None:
    bucket.blob("big").upload_from_string(CONTENT * 8)
    bucket.blob("big", chunk_size=256 * 1024).download_to_filename(tmp_path / "big")
    assert (tmp_path / "big").read_bytes() == CONTENT * 8


def test_a_patch_merges_metadata_and_keeps_the_rest(bucket: Any) -> None:
    blob = bucket.blob("a")
    blob.metadata = {"one": "1", "two": "2"}
    blob.cache_control = "no-store"
    blob.upload_from_string(b"x", content_type="text/plain")
    changed = bucket.blob("a")
    changed.metadata = {"two": None, "three": "3"}
    changed.patch()
    found = bucket.get_blob("a")
    assert found.metadata == {"one": "1", "three": "3"}
    assert (found.cache_control, found.content_type) == ("no-store", "text/plain")
    assert (found.generation, found.metageneration) == (blob.generation, 2)


def test_an_update_replaces_all_metadata(bucket: Any) -> None:
    blob = bucket.blob("a")
    blob.metadata = {"one": "1"}
    blob.upload_from_string(b"x", content_type="text/plain")
    replacement = bucket.blob("a")
    replacement.content_type = "text/csv"
    replacement.update()
    found = bucket.get_blob("a")
    assert (found.metadata, found.content_type, found.storage_class) == (None, "text/csv", "STANDARD")


def test_a_custom_time_never_goes_back(bucket: Any) -> None:
    blob = bucket.blob("a")
    blob.custom_time = datetime(2026, 1, 2, tzinfo=UTC)
    blob.upload_from_string(b"x")
    blob.custom_time = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(BadRequest, match="customTime"):
        blob.patch()
    assert bucket.get_blob("a").custom_time == datetime(2026, 1, 2, tzinfo=UTC)


def test_content_headers_come_back_with_the_content(storage: Any, http: Any, bucket: Any) -> None:
    blob = bucket.blob("a")
    blob.content_disposition = 'attachment; filename="ü.csv"'
    blob.content_language = "de"
    blob.cache_control = "max-age=60"
    blob.upload_from_string(b"x", content_type="text/csv")
    headers = http.get(_object_url(storage, bucket, "a", media=True)).headers
    assert headers["content-type"] == "text/csv"
    assert headers["content-disposition"] == 'attachment; filename="%C3%BC.csv"'
    assert (headers["content-language"], headers["cache-control"]) == ("de", "max-age=60")
    assert headers["x-goog-generation"] == str(blob.generation)
    assert headers["x-goog-hash"] == f"crc32c={blob.crc32c},md5={blob.md5_hash}"


def test_gzip_content_is_served_as_it_was_stored_or_not_at_all(storage: Any, http: Any, bucket: Any) -> None:
    blob = bucket.blob("log.gz")
    blob.content_encoding = "gzip"
    blob.upload_from_string(gzip.compress(b"line\n" * 100))
    assert bucket.blob("log.gz").download_as_bytes() == b"line\n" * 100
    url = _object_url(storage, bucket, "log.gz", media=True)
    refused = http.get(url, headers={"Accept-Encoding": "identity"})
    assert refused.status_code == 501
    assert "transcoding" in refused.json()["error"]["message"]


@pytest.mark.parametrize("checksum", ["md5", "crc32c"])
def test_the_client_verifies_what_it_uploads_and_downloads(bucket: Any, checksum: str) -> None:
    bucket.blob("a").upload_from_string(CONTENT, checksum=checksum)
    assert bucket.blob("a").download_as_bytes(checksum=checksum) == CONTENT


@pytest.mark.parametrize("hashes", [{"md5Hash": "AAAAAAAAAAAAAAAAAAAAAA=="}, {"crc32c": "AAAAAA=="}])
def test_a_body_that_does_not_match_its_checksum_is_refused(bucket: Any, hashes: dict[str, str]) -> None:
    blob = bucket.blob("corrupt")
    blob._patch_property(*next(iter(hashes.items())))
    with pytest.raises(BadRequest, match="hash"):
        blob.upload_from_string(CONTENT, checksum=None)
    assert not bucket.blob("corrupt").exists()


@pytest.mark.parametrize("header", [{"x-goog-hash": "crc32c=AAAAAA=="}, {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}])
def test_checksum_headers_are_held_against_the_body(
    storage: Any, http: Any, bucket: Any, header: dict[str, str]
) -> None:
    files = storage.blob_files()
    url = f"{storage.url}/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name=corrupt"
    assert http.post(url, data=CONTENT, headers=header).status_code == 400
    assert not bucket.blob("corrupt").exists()
    assert storage.blob_files() == files


def test_a_simple_upload_takes_its_type_from_the_header(storage: Any, http: Any, bucket: Any) -> None:
    url = f"{storage.url}/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name=a/b"
    created = http.post(url, data=b"1,2\n", headers={"Content-Type": "text/csv"}).json()
    assert (created["name"], created["contentType"], created["size"]) == ("a/b", "text/csv", "4")


@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
@pytest.mark.parametrize("content", [b"", b"\r", b"\r\n", b"--x", b"\r\n--", b"-" * 300000])
def test_multipart_bodies_are_cut_at_their_boundary_only(
    storage: Any, http: Any, bucket: Any, newline: bytes, content: bytes
) -> None:
    head = newline.join([b"--edge", b"Content-Type: application/json", b"", b'{"name": "cut"}', b"--edge"])
    body = newline.join([head, b"content-type: text/csv", b"", content, b"--edge--"])
    url = f"{storage.url}/upload/storage/v1/b/{bucket.name}/o?uploadType=multipart"
    answer = http.post(url, data=body, headers={"Content-Type": "multipart/related; boundary=edge"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["contentType"] == "text/csv"
    assert bucket.blob("cut").download_as_bytes() == content


def test_a_multipart_body_that_breaks_off_stores_nothing(storage: Any, http: Any, bucket: Any) -> None:
    body = b'--edge\r\nContent-Type: application/json\r\n\r\n{"name": "cut"}\r\n--edge\r\n\r\nhalf of'
    url = f"{storage.url}/upload/storage/v1/b/{bucket.name}/o?uploadType=multipart"
    answer = http.post(url, data=body, headers={"Content-Type": "multipart/related; boundary=edge"})
    assert answer.status_code == 400
    assert "boundary" in answer.json()["error"]["message"]
    assert not bucket.blob("cut").exists()


def test_an_answer_holds_the_fields_asked_for(storage: Any, http: Any, bucket: Any) -> None:
    blob = bucket.blob("a")
    blob.metadata = {"k": "v", "l": "w"}
    blob.upload_from_string(b"x")
    one = http.get(_object_url(storage, bucket, "a"), params={"fields": "name,metadata/k"}).json()
    assert one == {"name": "a", "metadata": {"k": "v"}}
    url = f"{storage.url}/storage/v1/b/{bucket.name}/o"
    assert http.get(url, params={"fields": "items(name,metadata(l))"}).json() == {
        "items": [{"name": "a", "metadata": {"l": "w"}}]
    }
    assert http.get(url, params={"fields": "items(name"}).status_code == 400
