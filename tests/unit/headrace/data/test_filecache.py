import os
from collections.abc import Callable
from pathlib import Path

import pytest

from headrace.data.filecache import FileCache
from tests.fakes import together


@pytest.fixture
def cache(tmp_path: Path) -> FileCache:
    return FileCache(tmp_path / "cache", most_bytes=100)


def download(content: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def never(_: Path) -> None:
    raise AssertionError("it is here already")


def broken(path: Path) -> None:
    path.write_bytes(b"12")
    raise ConnectionError


def test_what_was_downloaded_once_is_not_downloaded_again(cache: FileCache, tmp_path: Path) -> None:
    cache.place("5:abc", tmp_path / "first", download(b"12345"))
    cache.place("5:abc", tmp_path / "second", never)
    assert (tmp_path / "second").read_bytes() == b"12345"


def test_other_content_is_another_file(cache: FileCache, tmp_path: Path) -> None:
    cache.place("1:a", tmp_path / "a", download(b"a"))
    cache.place("1:b", tmp_path / "b", download(b"b"))
    assert [(tmp_path / name).read_bytes() for name in "ab"] == [b"a", b"b"]


def test_a_download_that_breaks_off_leaves_nothing(cache: FileCache, tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        cache.place("5:abc", tmp_path / "file", broken)
    assert not list((tmp_path / "cache").iterdir())
    assert not (tmp_path / "file").exists()


def test_several_that_want_the_same_file_at_once_all_get_it_whole(cache: FileCache, tmp_path: Path) -> None:
    wanted = iter(tmp_path / str(number) for number in range(5))
    together(5, lambda: cache.place("5:abc", next(wanted), download(b"12345")))
    assert [(tmp_path / str(number)).read_bytes() for number in range(5)] == [b"12345"] * 5


def test_what_was_not_used_for_longest_goes_first_and_a_file_in_use_stays(cache: FileCache, tmp_path: Path) -> None:
    cache.place("old", tmp_path / "old", download(b"x" * 60))
    (kept,) = (tmp_path / "cache").iterdir()
    os.utime(kept, (1000, 1000))
    cache.place("new", tmp_path / "new", download(b"y" * 60))
    cache.trim()
    cache.place("new", tmp_path / "new-again", never)
    cache.place("old", tmp_path / "old-again", download(b"fetched"))
    assert (tmp_path / "old-again").read_bytes() == b"fetched"
    assert (tmp_path / "old").read_bytes() == b"x" * 60
