"""The objects of a dataset version in; its files on this machine, to be read while others still arrive, out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import Self

from headrace.data.datasets import File, as_file
from headrace.data.filecache import FileCache
from headrace.errors import HeadraceError, NotFound, Rejected, Unavailable
from headrace.ports import Objects
from headrace.workload import Dataset

SMALL, LARGE, LARGE_BYTES = 32, 4, 16 << 20
"""Downloads at once: small files are all waiting and no work; large ones fill the line, and the first is read first."""


@contextmanager
def arriving(
    buckets: Iterable[Objects],
    files: Sequence[File],
    folder: Path,
    cache: FileCache | None = None,
    report: Callable[[float, str], None] = lambda _share, _words: None,
) -> Iterator[Dataset]:
    """`files` as they arrive in `folder`, side by side, checksums verified; what `cache` has is not downloaded.

    Asking for a file raises Rejected when its object was replaced or deleted since the dataset version was made, and
    Unavailable when anything else keeps it away; so does leaving the block, whatever was made of that error in it. What
    has not begun to arrive by then never does.
    """
    by_name, arrived = {bucket.bucket: bucket for bucket in buckets}, count(1)
    for parent in {(folder / file.name).parent for file in files}:
        parent.mkdir(parents=True, exist_ok=True)

    def fetched(file: File) -> Path:
        _fetch(by_name[file.bucket], file, folder / file.name, cache)
        herald.submit(say)
        return folder / file.name

    def say() -> None:
        number = next(arrived)
        report(number / len(files), f"fetched {number:,} of {len(files):,} files")

    dataset = _Arriving(sorted(files, key=lambda file: PurePosixPath(file.name)), fetched)
    with (
        ThreadPoolExecutor(1, "report") as herald,  # a report may take a request, and no download waits for it
        ThreadPoolExecutor(SMALL, "small") as small,
        ThreadPoolExecutor(LARGE, "large") as large,
    ):
        for file in dataset.files.values():
            (small if file.size < LARGE_BYTES else large).submit(dataset.arrive, file.name)
        try:
            with dataset:
                yield dataset
        finally:
            for pool in (small, large):
                pool.shutdown(wait=False, cancel_futures=True)


def fetch(buckets: Iterable[Objects], files: Sequence[File], folder: Path) -> None:
    """Download all of `files` into `folder`. Raises Rejected and Unavailable, as asking for them one by one does."""
    with arriving(buckets, files, folder) as dataset:
        for name in dataset.names:
            dataset.path(name)


class _Arriving:
    """Each file is fetched once, by whoever comes first: a thread of ours, in their order, or who asks for it.

    So nobody waits for a file that waits behind others.
    """

    def __init__(self, files: Sequence[File], fetched: Callable[[File], Path]) -> None:
        self.files = {file.name: file for file in files}
        self.names = list(self.files)
        self._fetched = fetched
        self._locks = {name: Lock() for name in self.files}
        self._ended: dict[str, Path | HeadraceError] = {}
        self._missed: HeadraceError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Who asked may have taken an error for a fault of the file, or wrapped it in one of another kind."""
        if self._missed and self._missed is not error and (error is None or isinstance(error, Exception)):
            raise self._missed

    def path(self, name: str) -> Path:
        arrived = self.arrive(name)
        if isinstance(arrived, HeadraceError):
            self._missed = arrived
            raise arrived
        return arrived

    def arrive(self, name: str) -> Path | HeadraceError:
        """Where the file lies, or why it does not."""
        with self._locks[name]:
            if name not in self._ended:
                self._ended[name] = self._end(self.files[name])
        return self._ended[name]

    def _end(self, file: File) -> Path | HeadraceError:
        """Any error is one of the platform's: the workload's own code could have raised the others."""
        try:
            return self._fetched(file)
        except HeadraceError as error:
            return error
        except Exception as error:
            away = Unavailable(f"gs://{file.bucket}/{file.object} did not arrive: {type(error).__name__}: {error}")
            away.__cause__ = error
            return away


def _fetch(bucket: Objects, file: File, path: Path, cache: FileCache | None) -> None:
    def download(target: Path) -> None:
        try:
            bucket.download(file.object, target, file.generation)
        except NotFound:
            bucket.download(file.object, target, uploaded_again(bucket, file).generation)

    try:
        if cache:
            cache.place(file.content, path, download)
        else:
            download(path)
    except NotFound:
        place = f"{bucket.uri(file.object)}#{file.generation}"
        raise Rejected(f"{place} is gone or was overwritten; upload the dataset again") from None


def uploaded_again(bucket: Objects, file: File) -> File:
    """The same content, which somebody put in its own place. Raises NotFound when it is other content."""
    now = as_file(bucket.bucket, bucket.stat(file.object), file.name)
    if now.content != file.content:
        raise NotFound(f"{bucket.uri(file.object)} holds something else now")
    return now
