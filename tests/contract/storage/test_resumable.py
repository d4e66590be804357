"""Resumable uploads: chunks, status queries, interruptions, server kills, cancellation."""

import os
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud.storage._media.requests import ResumableUpload

QUANTUM = 256 * 1024
CONTENT = os.urandom(5 * QUANTUM + 1000)


def _begin(server: Any, http: Any, bucket: str, name: str = "big", **headers: str) -> str:
    url = f"{server.url}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&name={name}"
    answer = http.post(url, json={}, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.headers["Location"])


def _put(http: Any, location: str, first: int, last: int, total: int | str = len(CONTENT)) -> Any:
    headers = {"Content-Range": f"bytes {first}-{last}/{total}"}
    return http.put(location, data=CONTENT[first : last + 1], headers=headers)


def _status(http: Any, location: str, total: int | str = "*") -> Any:
    return http.put(location, headers={"Content-Range": f"bytes */{total}"})


def _content(server: Any, http: Any, bucket: str, name: str = "big") -> Any:
    return http.get(f"{server.url}/storage/v1/b/{bucket}/o/{name}?alt=media").content


def test_the_client_uploads_in_chunks(bucket: Any) -> None:
    with bucket.blob("big", chunk_size=QUANTUM).open("wb") as file:
        for start in range(0, len(CONTENT), 100_000):
            file.write(CONTENT[start : start + 100_000])
    assert bucket.blob("big").download_as_bytes() == CONTENT


def test_each_chunk_is_answered_with_what_is_stored(storage: Any, http: Any, bucket: Any) -> None:
    location = _begin(storage, http, bucket.name)
    assert "Range" not in _status(http, location).headers
    first = _put(http, location, 0, 2 * QUANTUM - 1)
    assert (first.status_code, first.headers["Range"]) == (308, f"bytes=0-{2 * QUANTUM - 1}")
    assert _status(http, location).headers["Range"] == f"bytes=0-{2 * QUANTUM - 1}"
    last = _put(http, location, 2 * QUANTUM, len(CONTENT) - 1)
    assert (last.status_code, last.json()["size"]) == (200, str(len(CONTENT)))
    assert _content(storage, http, bucket.name) == CONTENT


def test_a_chunk_is_kept_in_multiples_of_256_kib(storage: Any, http: Any, bucket: Any) -> None:
    location = _begin(storage, http, bucket.name)
    assert _put(http, location, 0, QUANTUM + 99, "*").headers["Range"] == f"bytes=0-{QUANTUM - 1}"
    assert _put(http, location, QUANTUM, len(CONTENT) - 1).status_code == 200
    assert _content(storage, http, bucket.name) == CONTENT
    assert "Range" not in _put(http, _begin(storage, http, bucket.name), 0, 99, "*").headers


def test_bytes_sent_twice_are_stored_once(storage: Any, http: Any, bucket: Any) -> None:
    location = _begin(storage, http, bucket.name)
    _put(http, location, 0, 3 * QUANTUM - 1)
    assert _put(http, location, QUANTUM, len(CONTENT) - 1).status_code == 200
    assert _content(storage, http, bucket.name) == CONTENT


def test_a_gap_is_refused_with_the_position_to_send_from(storage: Any, http: Any, bucket: Any) -> None:
    location = _begin(storage, http, bucket.name)
    _put(http, location, 0, QUANTUM - 1)
    answer = _put(http, location, 2 * QUANTUM, 3 * QUANTUM - 1)
    assert answer.status_code == 400
    assert str(QUANTUM) in answer.json()["error"]["message"]
    assert _put(http, location, QUANTUM, len(CONTENT) - 1).status_code == 200


def test_a_chunk_longer_than_its_content_range_adds_nothing_beyond_it(storage: Any, http: Any, bucket: Any) -> None:
    location = _begin(storage, http, bucket.name)
    headers = {"Content-Range": f"bytes 0-{QUANTUM - 1}/{len(CONTENT)}"}
    assert http.put(location, data=CONTENT[:QUANTUM] + b"garbage" * QUANTUM, headers=headers).status_code == 400
    position = int(_status(http, location).headers.get("Range", "bytes=0--1").removeprefix("bytes=0-")) + 1
    assert _put(http, location, position, len(CONTENT) - 1).status_code == 200
    assert _content(storage, http, bucket.name) == CONTENT


def test_one_request_may_bring_it_all(storage: Any, http: Any, bucket: Any) -> None:
    assert http.put(_begin(storage, http, bucket.name), data=CONTENT).json()["size"] == str(len(CONTENT))
    chunked = _begin(storage, http, bucket.name, "chunked")
    assert http.put(chunked, data=iter([CONTENT[:1000], CONTENT[1000:]])).json()["size"] == str(len(CONTENT))


def test_an_upload_of_unknown_size_ends_when_its_size_is_told(storage: Any, http: Any, bucket: Any) -> None:
    location = _begin(storage, http, bucket.name)
    assert _put(http, location, 0, QUANTUM - 1, "*").status_code == 308
    assert _status(http, location, QUANTUM).json()["size"] == str(QUANTUM)
    assert _status(http, _begin(storage, http, bucket.name, "empty"), 0).json()["size"] == "0"


def test_a_finished_upload_answers_again(storage: Any, http: Any, bucket: Any) -> None:
    location = _begin(storage, http, bucket.name)
    created = http.put(location, data=CONTENT).json()
    assert _status(http, location).json() == created
    assert _put(http, location, 0, len(CONTENT) - 1).json() == created
    assert len(list(bucket.list_blobs(versions=True))) == 1


def test_a_size_other_than_declared_is_refused(storage: Any, http: Any, bucket: Any) -> None:
    location = _begin(storage, http, bucket.name, **{"X-Upload-Content-Length": "10"})
    assert _put(http, location, 0, len(CONTENT) - 1).status_code == 400
    assert http.put(location, data=b"0123456789").json()["size"] == "10"


def test_a_cancelled_upload_is_gone_with_its_bytes(storage: Any, http: Any, bucket: Any) -> None:
    files = set(storage.blob_files())
    location = _begin(storage, http, bucket.name)
    _put(http, location, 0, QUANTUM - 1)
    assert http.delete(location).status_code == 499
    assert _status(http, location).status_code == 404
    assert set(storage.blob_files()) == files


def test_a_checksum_at_the_end_is_verified(storage: Any, http: Any, bucket: Any) -> None:
    location = _begin(storage, http, bucket.name)
    _put(http, location, 0, QUANTUM - 1)
    headers = {
        "Content-Range": f"bytes {QUANTUM}-{len(CONTENT) - 1}/{len(CONTENT)}",
        "x-goog-hash": "crc32c=AAAAAA==",
    }
    assert http.put(location, data=CONTENT[QUANTUM:], headers=headers).status_code == 400
    assert not bucket.blob("big").exists()


def test_a_wrong_checksum_at_the_beginning_fails_the_end(bucket: Any, tmp_path: Any) -> None:
    blob = bucket.blob("big", chunk_size=QUANTUM)
    blob.crc32c = "AAAAAA=="
    with _file(tmp_path).open("rb") as file, pytest.raises(BadRequest, match="CRC32C"):
        blob.upload_from_file(file, checksum=None)


def _file(folder: Any) -> Any:
    path = folder / "content"
    path.write_bytes(CONTENT)
    return path


def test_a_connection_that_breaks_off_keeps_what_arrived(storage: Any, http: Any, bucket: Any, eventually: Any) -> None:
    location = _begin(storage, http, bucket.name)
    url = urlsplit(location)
    with socket.create_connection(("127.0.0.1", storage.port)) as raw:
        head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(CONTENT)}\r\n\r\n"
        raw.sendall(head.encode() + CONTENT[: 3 * QUANTUM + 5])
    stored = eventually(lambda: _status(http, location, len(CONTENT)).headers.get("Range"))
    position = int(stored.removeprefix("bytes=0-")) + 1
    assert 0 < position <= 3 * QUANTUM
    assert position % QUANTUM == 0
    assert _put(http, location, position, len(CONTENT) - 1).status_code == 200
    assert _content(storage, http, bucket.name) == CONTENT


def test_the_client_goes_on_after_the_server_was_killed(own_storage: Any, tmp_path: Any) -> None:
    own_storage.start()
    client = own_storage.client()
    bucket = client.create_bucket("data")
    transport = client._http
    url = f"{own_storage.url}/upload/storage/v1/b/{bucket.name}/o?uploadType=resumable"
    upload = ResumableUpload(url, QUANTUM)
    with _file(tmp_path).open("rb") as stream:
        upload.initiate(transport, stream, {"name": "big"}, "application/octet-stream")
        upload.transmit_next_chunk(transport)
        upload.transmit_next_chunk(transport)
        own_storage.kill()
        own_storage.start()
        while not upload.finished:
            upload.transmit_next_chunk(transport)
    assert bucket.blob("big").download_as_bytes() == CONTENT


def test_a_server_killed_while_bytes_arrive_leaves_a_prefix_and_no_object(own_storage: Any) -> None:
    own_storage.start()
    http = own_storage.http()
    http.post(f"{own_storage.url}/storage/v1/b?project=local-proj", json={"name": "data"})
    location = _begin(own_storage, http, "data")
    url = urlsplit(location)
    with socket.create_connection(("127.0.0.1", own_storage.port)) as raw:
        head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(CONTENT)}\r\n\r\n"
        raw.sendall(head.encode() + CONTENT[: 4 * QUANTUM + 77])
        own_storage.kill()
    own_storage.start()
    assert http.get(f"{own_storage.url}/storage/v1/b/data/o/big").status_code == 404
    stored = _status(http, location, len(CONTENT)).headers.get("Range", "bytes=0--1")
    position = int(stored.removeprefix("bytes=0-")) + 1
    assert position % QUANTUM == 0
    assert _put(http, location, position, len(CONTENT) - 1).status_code == 200
    assert _content(own_storage, http, "data") == CONTENT


def test_a_write_torn_by_a_kill_is_taken_back_to_whole_quanta(own_storage: Any) -> None:
    own_storage.start()
    http = own_storage.http()
    http.post(f"{own_storage.url}/storage/v1/b?project=local-proj", json={"name": "data"})
    location = _begin(own_storage, http, "data")
    _put(http, location, 0, 2 * QUANTUM - 1)
    own_storage.kill()
    (partial,) = own_storage.blob_files()
    with partial.open("ab") as file:
        file.write(b"torn")
    own_storage.start()
    assert _status(http, location).headers["Range"] == f"bytes=0-{2 * QUANTUM - 1}"
    assert _put(http, location, 2 * QUANTUM, len(CONTENT) - 1).status_code == 200
    assert _content(own_storage, http, "data") == CONTENT


def test_bytes_that_a_killed_server_left_behind_are_swept(own_storage: Any, eventually: Any) -> None:
    own_storage.start()
    http = own_storage.http()
    http.post(f"{own_storage.url}/storage/v1/b?project=local-proj", json={"name": "data"})
    kept = f"{own_storage.url}/upload/storage/v1/b/data/o?uploadType=media&name=kept"
    http.post(kept, data=b"kept")
    with socket.create_connection(("127.0.0.1", own_storage.port)) as raw:
        path = "/upload/storage/v1/b/data/o?uploadType=media&name=torn"
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n"
        raw.sendall(head.encode() + CONTENT)
        eventually(lambda: len(own_storage.blob_files()) == 2)
        own_storage.kill()
    own_storage.start()
    assert len(own_storage.blob_files()) == 1
    assert _content(own_storage, http, "data", "kept") == b"kept"
    assert http.get(f"{own_storage.url}/storage/v1/b/data/o/torn").status_code == 404
