"""gcsfs (and so DVC), MLflow's artifact store and the client's batches on the local server."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core.exceptions import NotFound

LARGE = bytes(range(256)) * 4 * 1024 * 7  # over the 5 MiB from which gcsfs uploads in chunks


# aiohttp warns gcsfs of the large bodies it sends.
pytestmark = pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")


@pytest.fixture
def filesystem(storage: Any) -> Iterator[Any]:
    import gcsfs

    found = gcsfs.GCSFileSystem(
        project="local-proj", token="anon", endpoint_url=storage.url, use_listings_cache=False, skip_instance_cache=True
    )
    yield found
    asyncio.run_coroutine_threadsafe(found.session.close(), found.loop).result(5)


def test_gcsfs_writes_reads_and_lists(filesystem: Any, bucket: Any) -> None:
    filesystem.pipe(f"{bucket.name}/a/b.txt", b"hello")
    filesystem.pipe(f"{bucket.name}/a/large", LARGE)
    assert filesystem.cat(f"{bucket.name}/a/b.txt") == b"hello"
    assert filesystem.cat_file(f"{bucket.name}/a/large", start=1000, end=2000) == LARGE[1000:2000]
    assert filesystem.ls(f"{bucket.name}/a") == [f"{bucket.name}/a/b.txt", f"{bucket.name}/a/large"]
    assert filesystem.find(bucket.name) == [f"{bucket.name}/a/b.txt", f"{bucket.name}/a/large"]
    assert filesystem.info(f"{bucket.name}/a/large")["size"] == len(LARGE)
    assert filesystem.isdir(f"{bucket.name}/a")


def test_gcsfs_puts_and_gets_files_of_any_size(filesystem: Any, bucket: Any, tmp_path: Any) -> None:
    for name, content in (("small", b"hello"), ("large", LARGE), ("empty", b"")):
        (tmp_path / name).write_bytes(content)
        filesystem.put(str(tmp_path / name), f"{bucket.name}/{name}", consistency="md5")
        filesystem.get(f"{bucket.name}/{name}", str(tmp_path / "back"), consistency="md5")
        assert (tmp_path / "back").read_bytes() == content


def test_gcsfs_creates_only_what_is_not_there(filesystem: Any, bucket: Any) -> None:
    filesystem.pipe(f"{bucket.name}/once", b"1", mode="create")
    with pytest.raises(FileExistsError):
        filesystem.pipe(f"{bucket.name}/once", b"2", mode="create")
    assert filesystem.cat(f"{bucket.name}/once") == b"1"


def test_gcsfs_copies_moves_merges_and_removes(filesystem: Any, bucket: Any) -> None:
    root = bucket.name
    filesystem.pipe(f"{root}/a", b"1")
    filesystem.cp(f"{root}/a", f"{root}/d/b")
    filesystem.mv(f"{root}/d/b", f"{root}/d/c")
    filesystem.merge(f"{root}/d/e", [f"{root}/a", f"{root}/d/c"])
    filesystem.setxattrs(f"{root}/a", note="kept")
    assert filesystem.getxattr(f"{root}/a", "note") == "kept"
    assert filesystem.find(root) == [f"{root}/a", f"{root}/d/c", f"{root}/d/e"]
    assert filesystem.cat(f"{root}/d/e") == b"11"
    filesystem.rm(f"{root}/d", recursive=True)
    assert filesystem.find(root) == [f"{root}/a"]


def test_gcsfs_makes_and_removes_buckets(filesystem: Any, bucket: Any) -> None:
    filesystem.mkdir(f"{bucket.name}-made")
    assert filesystem.exists(f"{bucket.name}-made")
    filesystem.rmdir(f"{bucket.name}-made")
    assert not filesystem.exists(f"{bucket.name}-made")


@pytest.fixture
def artifacts(storage: Any, bucket: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from mlflow.store.artifact.gcs_artifact_repo import GCSArtifactRepository

    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage.url)
    repository = GCSArtifactRepository(f"gs://{bucket.name}/artifacts/1")
    yield repository
    repository.client.close()


@pytest.mark.filterwarnings("ignore")  # importing mlflow raises warnings of its own
def test_mlflow_keeps_its_artifacts(artifacts: Any, tmp_path: Any) -> None:
    model = tmp_path / "model"
    (model / "code").mkdir(parents=True)
    (model / "MLmodel").write_text("flavors: {}")
    (model / "code" / "x.py").write_text("x = 1")
    (model / "weights.onnx").write_bytes(LARGE * 2)
    artifacts.log_artifacts(str(model), "model")
    artifacts.log_artifact(str(model / "MLmodel"))
    assert [(info.path, info.is_dir) for info in artifacts.list_artifacts()] == [("MLmodel", False), ("model", True)]
    listed = {info.path: info.file_size for info in artifacts.list_artifacts("model")}
    assert listed == {"model/MLmodel": 11, "model/code": None, "model/weights.onnx": len(LARGE) * 2}
    back = artifacts.download_artifacts("model", str(tmp_path))
    assert (tmp_path / "model" / "weights.onnx").read_bytes() == LARGE * 2
    assert back == str(tmp_path / "model")
    artifacts.delete_artifacts("model")
    assert [info.path for info in artifacts.list_artifacts()] == ["MLmodel"]


def test_a_batch_holds_many_requests(client: Any, bucket: Any) -> None:
    blobs = [bucket.blob(f"a/{number}") for number in range(3)]
    for blob in blobs:
        blob.upload_from_string(b"x")
    with client.batch():
        blobs[0].delete()
        blobs[1].delete()
        blobs[2].metadata = {"k": "ü"}
        blobs[2].patch()
    assert [(blob.name, blob.metadata) for blob in bucket.list_blobs()] == [("a/2", {"k": "ü"})]


def test_one_failure_in_a_batch_stops_no_other_request(client: Any, bucket: Any) -> None:
    bucket.blob("there").upload_from_string(b"x")
    batch = client.batch()
    client._push_batch(batch)
    bucket.blob("missing").delete()
    bucket.blob("there").delete()
    client._pop_batch()
    with pytest.raises(NotFound):
        batch.finish()
    assert list(bucket.list_blobs()) == []
