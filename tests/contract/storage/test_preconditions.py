"""Every precondition on every operation: it holds, or nothing changes."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from google.api_core.exceptions import NotFound, PreconditionFailed
from google.cloud.storage.exceptions import InvalidResponse

Operation = Callable[[Any, dict[str, int]], Any]


def _conditions(blob: Any, *, holding: bool) -> list[dict[str, int]]:
    """Each of the four alone, true or false of `blob`."""
    truths = {"generation": blob.generation, "metageneration": blob.metageneration}
    made = []
    for kind, current in truths.items():
        right, wrong = (current, current + 1) if holding else (current + 1, current)
        made += [{f"if_{kind}_match": right}, {f"if_{kind}_not_match": wrong}]
    return made


def _resumable(blob: Any, conditions: dict[str, int]) -> None:
    blob.upload_from_file(io.BytesIO(b"new"), **conditions)  # of unknown size


def _copy(blob: Any, conditions: dict[str, int]) -> None:
    source = blob.bucket.blob("source")
    source.upload_from_string(b"new")
    blob.bucket.copy_blob(source, blob.bucket, blob.name, **conditions)


def _rewrite(blob: Any, conditions: dict[str, int]) -> None:
    source = blob.bucket.blob("source")
    source.upload_from_string(b"new")
    blob.rewrite(source, **conditions)


def _patch(blob: Any, conditions: dict[str, int]) -> None:
    changed = blob.bucket.blob(blob.name)
    changed.metadata = {"changed": "yes"}
    changed.patch(**conditions)


def _update(blob: Any, conditions: dict[str, int]) -> None:
    changed = blob.bucket.blob(blob.name)
    changed.content_type = "text/changed"
    changed.update(**conditions)


QUANTUM = 256 * 1024
WRITES: dict[str, Operation] = {
    "upload": lambda blob, conditions: blob.upload_from_string(b"new", **conditions),
    "resumable": _resumable,
    "copy": _copy,
    "rewrite": _rewrite,
    "patch": _patch,
    "update": _update,
    "delete": lambda blob, conditions: blob.delete(**conditions),
}
READS: dict[str, Operation] = {
    "get": lambda blob, conditions: blob.reload(**conditions),
    "download": lambda blob, conditions: blob.download_as_bytes(**conditions),
}


def _state(bucket: Any) -> Any:
    blob = bucket.get_blob("target")
    return blob and (blob.generation, blob.metageneration, blob.metadata)


@pytest.fixture
def target(bucket: Any) -> Any:
    blob = bucket.blob("target")
    blob.upload_from_string(b"old")
    return blob


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("index", range(4))
def test_a_write_happens_when_its_precondition_holds(target: Any, operation: str, index: int) -> None:
    before = _state(target.bucket)
    WRITES[operation](target.bucket.blob("target"), _conditions(target, holding=True)[index])
    assert _state(target.bucket) != before


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("index", range(4))
def test_a_write_changes_nothing_when_its_precondition_fails(target: Any, operation: str, index: int) -> None:
    before = _state(target.bucket)
    with pytest.raises(PreconditionFailed):
        WRITES[operation](target.bucket.blob("target"), _conditions(target, holding=False)[index])
    assert _state(target.bucket) == before


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("index", range(4))
def test_a_read_answers_when_its_precondition_holds(target: Any, operation: str, index: int) -> None:
    READS[operation](target.bucket.blob("target"), _conditions(target, holding=True)[index])


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("ifGenerationMatch", 412),
        ("ifGenerationNotMatch", 304),
        ("ifMetagenerationMatch", 412),
        ("ifMetagenerationNotMatch", 304),
    ],
)
@pytest.mark.parametrize("alt", ["json", "media"])
def test_a_read_says_412_or_304(storage: Any, http: Any, target: Any, condition: str, status: int, alt: str) -> None:
    current = target.generation if "Gen" in condition else target.metageneration
    value = current if status == 304 else current + 1
    url = f"{storage.url}/storage/v1{target.path}"
    assert http.get(url, params={condition: value, "alt": alt}).status_code == status


def test_etags_hold_reads_back(target: Any, http: Any, storage: Any) -> None:
    url = f"{storage.url}/storage/v1{target.path}"
    etag = http.get(url).json()["etag"]
    assert http.get(url, headers={"If-None-Match": etag}).status_code == 304
    assert http.get(url, headers={"If-Match": etag}).status_code == 200
    assert http.get(url, headers={"If-Match": "other"}).status_code == 412
    assert http.patch(url, json={}, headers={"If-Match": etag}).status_code == 501


@pytest.mark.parametrize("operation", ["upload", "resumable", "copy", "rewrite"])
def test_generation_0_means_that_there_is_no_object(bucket: Any, operation: str) -> None:
    write = WRITES[operation]
    write(bucket.blob("target"), {"if_generation_match": 0})
    with pytest.raises(PreconditionFailed):
        write(bucket.blob("target"), {"if_generation_match": 0})
    with pytest.raises(PreconditionFailed):
        write(bucket.blob("other"), {"if_generation_not_match": 0})
    with pytest.raises(PreconditionFailed):
        write(bucket.blob("other"), {"if_metageneration_match": 1})


def test_reading_what_does_not_exist_is_not_found_whatever_the_precondition(bucket: Any) -> None:
    with pytest.raises(NotFound):
        bucket.blob("nothing").delete(if_generation_match=5)


@pytest.mark.parametrize("operation", ["copy", "rewrite"])
@pytest.mark.parametrize("kind", ["generation", "metageneration"])
def test_source_preconditions_hold_copies_back(target: Any, operation: str, kind: str) -> None:
    current = getattr(target, kind)

    def copy(**conditions: int) -> None:
        if operation == "copy":
            target.bucket.copy_blob(target, target.bucket, "copied", **conditions)
        else:
            target.bucket.blob("copied").rewrite(target, **conditions)

    with pytest.raises(PreconditionFailed):
        copy(**{f"if_source_{kind}_match": current + 1})
    assert target.bucket.get_blob("copied") is None
    copy(**{f"if_source_{kind}_match": current})
    assert target.bucket.get_blob("copied")


def test_compose_holds_both_ends_to_their_generations(target: Any) -> None:
    composed = target.bucket.blob("composed")
    with pytest.raises(PreconditionFailed):
        composed.compose([target], if_source_generation_match=[target.generation + 1])
    composed.compose([target], if_generation_match=0, if_source_generation_match=[target.generation])
    with pytest.raises(PreconditionFailed):
        composed.compose([target], if_generation_match=0)


def test_a_resumable_upload_overtaken_by_another_writer_fails_at_its_end(bucket: Any) -> None:
    file = bucket.blob("raced", chunk_size=QUANTUM).open("wb", if_generation_match=0)
    file.write(b"x" * 2 * QUANTUM)
    bucket.blob("raced").upload_from_string(b"first")
    with pytest.raises(InvalidResponse, match="412"):
        file.close()
    assert bucket.blob("raced").download_as_bytes() == b"first"


@pytest.mark.parametrize("content", [b"small", b"large" * 200_000])
def test_of_8_writers_that_create_the_same_object_one_wins(storage: Any, bucket: Any, content: bytes) -> None:
    clients = [storage.client() for _ in range(8)]

    def write(name: str, number: int) -> int | None:
        blob = clients[number].bucket(bucket.name).blob(name)
        try:
            blob.upload_from_string(content + b"%d" % number, if_generation_match=0)
        except PreconditionFailed:
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        for name in map(str, range(5)):
            winners = [number for number in pool.map(partial(write, name), range(8)) if number is not None]
            assert len(winners) == 1
            assert bucket.blob(name).download_as_bytes() == content + b"%d" % winners[0]
