"""Batches of columns in; one Parquet file, the same bytes for the same batches, out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
from pyarrow.parquet import ParquetFile as Part
from pyarrow.parquet import ParquetWriter

from headrace.errors import Rejected
from headrace.sql.columns import Columns

WHOLE = pa.decimal128(19, 0)
"""Holds every whole number of 64 bits."""


class ParquetFile:
    """Written as the batches come; a row group each.

    A column's type is one that holds all its values. When a batch needs a wider one than those before it, a new part
    begins, and in the end the parts are written again as one file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._schema: pa.Schema | None = None
        self._parts: list[Path] = []
        self._writer: ParquetWriter | None = None

    def write(self, columns: Columns) -> None:
        """One row group. Raises Rejected naming a column whose values have no type in common."""
        batch = pa.RecordBatch.from_pydict({name: _array(name, values) for name, values in columns.items()})
        schema = _wider(self._schema, batch.schema)
        if self._writer is None or schema != self._schema:
            self._end_part()
            self._parts.append(self._path.with_suffix(f".{len(self._parts)}"))
            self._writer, self._schema = _writer(self._parts[-1], schema), schema
        self._writer.write_batch(_cast(batch, schema))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._end_part()
        if kind is None and len(self._parts) == 1:
            self._parts[0].rename(self._path)
        elif kind is None and self._parts:
            self._join()

    def _join(self) -> None:
        with _writer(self._path, self._schema) as writer:
            for path in self._parts:
                with Part(path) as part:
                    for group in range(part.num_row_groups):
                        for batch in part.read_row_group(group).to_batches():
                            writer.write_batch(_cast(batch, self._schema))
                path.unlink()

    def _end_part(self) -> None:
        if self._writer:
            self._writer.close()
            self._writer = None


def _writer(path: Path, schema: pa.Schema) -> ParquetWriter:
    return ParquetWriter(path, schema, compression="zstd")


def _array(name: str, values: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowException, TypeError, OverflowError) as error:
        raise _unfit(name, error) from error


def _wider(before: pa.Schema | None, schema: pa.Schema) -> pa.Schema:
    if before is None or before == schema:
        return schema
    try:
        return pa.unify_schemas([before, schema], promote_options="permissive")
    except pa.ArrowException as error:
        raise Rejected(f"a column changes its type between rows ({error}); CAST it in the query") from error


def _cast(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    if batch.schema == schema:
        return batch
    return pa.RecordBatch.from_arrays([_as(batch.column(field.name), field) for field in schema], schema=schema)


def _as(column: pa.Array, field: pa.Field) -> pa.Array:
    try:
        if pa.types.is_integer(column.type) and pa.types.is_decimal(field.type):
            column = column.cast(WHOLE)  # from an integer, Arrow asks for room that no value needs
        return column.cast(field.type)
    except pa.ArrowException as error:
        raise _unfit(field.name, error) from error


def _unfit(name: str, error: Exception) -> Rejected:
    return Rejected(f"the column {name!r} does not go into one type of Parquet ({error}); CAST it in the query")
