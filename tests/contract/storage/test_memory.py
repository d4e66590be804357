"""The server's memory does not grow with the objects."""

import hashlib
import time
from typing import Any

import pytest

SIZE = 200 * 1024 * 1024
LIMIT = 80 * 1024 * 1024


@pytest.mark.slow
@pytest.mark.parametrize("chunk_size", [None, 8 * 1024 * 1024])
def test_200_mb_go_up_and_down_in_80_mb_of_memory(own_storage: Any, tmp_path: Any, chunk_size: int | None) -> None:
    own_storage.start()
    source, target = tmp_path / "up", tmp_path / "down"
    with source.open("wb") as file:
        for block in range(SIZE // 2**20):
            file.write(hashlib.sha256(b"%d" % block).digest() * 2**15)
    blob = own_storage.client().create_bucket("data").blob("big", chunk_size=chunk_size)
    begun = time.monotonic()
    blob.upload_from_filename(source)
    uploaded = time.monotonic()
    blob.download_to_filename(target)
    downloaded = time.monotonic()
    blob.bucket.blob("twice").compose([blob, blob])
    peak = own_storage.peak_memory()
    print(f"up {uploaded - begun:.2f} s, down {downloaded - uploaded:.2f} s, peak {peak / 2**20:.0f} MiB")
    assert hashlib.md5(target.read_bytes()).digest() == hashlib.md5(source.read_bytes()).digest()
    assert peak < LIMIT
