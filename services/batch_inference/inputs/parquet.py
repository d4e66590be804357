"""A Parquet file in; its rows by number out, one stretch of one row group in memory."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

import pyarrow
from pyarrow.parquet import ParquetFile

from headrace.batches import cells
from headrace.workload import BadData, Field
from services.batch_inference.inputs.rows import Columns, Row, Stretch

ROWS = 20_000
"""Of a stretch."""


class Parquet:
    """The rows of all row groups, counted from 1."""

    key = "row"

    def __init__(self, name: str, stream: BinaryIO, fields: Sequence[Field], size: int = ROWS) -> None:
        self._name, self._size = name, size
        with _readable(name):
            self._file = ParquetFile(stream)
            names = self._file.schema_arrow.names
        columns = Columns.of(name, names, fields)
        self._columns = [field.name for _, field in columns.fields]
        self.unused: Sequence[str] = [each for each in columns.unused if not each.startswith("__index_level_")]

    def stretches(self) -> Iterator[Stretch]:
        """A row group that nobody asks for is not read."""
        number, first = 0, 1
        for place in range(self._file.num_row_groups):
            rows = self._file.metadata.row_group(place).num_rows
            group = _Group(self._batches(place))
            for index in range(-(-rows // self._size)):
                yield Stretch(number, self._rows(group, index, first + index * self._size))
                number += 1
            first += rows

    def _batches(self, group: int) -> Callable[[], Iterator[Any]]:
        return lambda: self._file.iter_batches(self._size, row_groups=[group], columns=self._columns, use_threads=False)

    def _rows(self, group: "_Group", index: int, first: int) -> Callable[[], Iterator[Row]]:
        def rows() -> Iterator[Row]:
            with _readable(self._name):
                batch = group.batch(index)
                columns = [_values(batch.column(name)) for name in self._columns]
            for key, row in enumerate(zip(*columns, strict=True), first):
                yield Row(key, dict(zip(self._columns, row, strict=True)))

        return rows


class _Group:
    """The batches of a row group, which come in their order and are decoded from the first one on."""

    def __init__(self, begin: Callable[[], Iterator[Any]]) -> None:
        self._begin = begin
        self._batches: Iterator[Any] | None = None
        self._at = 0

    def batch(self, index: int) -> Any:
        if self._batches is None:
            self._batches = self._begin()
        while self._at < index:
            next(self._batches)
            self._at += 1
        self._at += 1
        return next(self._batches)


def _values(column: Any) -> list[Any]:
    values: list[Any] = column.to_pylist()
    kind = column.type
    if pyarrow.types.is_integer(kind) or pyarrow.types.is_string(kind) or pyarrow.types.is_boolean(kind):
        return values
    return [cells.plain(value) for value in values]


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except (pyarrow.ArrowException, ValueError) as error:
        raise _damaged(name, error) from None
    except OSError as error:
        if type(error) is not OSError:  # pyarrow raises OSError itself; what is derived from it came from the network
            raise
        raise _damaged(name, error) from None


def _damaged(name: str, error: Exception) -> BadData:
    return BadData(f"{name} is not a whole Parquet file: {str(error).splitlines()[0][:200]}")
