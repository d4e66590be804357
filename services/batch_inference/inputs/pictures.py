"""A folder of pictures in; each as a row by its name out."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from headrace.data.datasets import File
from headrace.data.downloads import uploaded_again
from headrace.errors import NotFound
from headrace.ports import Objects
from services.batch_inference.inputs.rows import Row, Stretch

PICTURES = 32
"""Of a stretch: they are in memory together."""
_AT_ONCE = 8


class Pictures:
    """Files that are a row each."""

    key = "file"
    unused: Sequence[str] = ()

    def __init__(self, bucket: Objects, files: Sequence[File], field: str) -> None:
        self._bucket, self._files, self._field = bucket, files, field

    def stretches(self) -> Iterator[Stretch]:
        """Fetched side by side."""
        for number, start in enumerate(range(0, len(self._files), PICTURES)):
            files = self._files[start : start + PICTURES]
            yield Stretch(number, partial(self._rows, files))

    def _rows(self, files: Sequence[File]) -> Iterator[Row]:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            yield from threads.map(self._row, files)

    def _row(self, file: File) -> Row:
        try:
            with self._bucket.open(file.object, uploaded_again(self._bucket, file).generation) as stream:
                return Row(file.name, {self._field: stream.read()})
        except NotFound:
            return Row(file.name, None, "was deleted or overwritten after it was uploaded; upload it again")
