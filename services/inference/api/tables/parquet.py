"""A Parquet file in; its rows as instances out."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from headrace.batches import cells
from services.inference.answering.rows import Rows
from services.inference.api.tables import pages
from services.inference.api.tables.rows import MOST_COLUMNS, bound, check_count, check_names
from services.inference.web.answers import Refused

MOST_BYTES = 64 << 20
"""How large a file's values may be when they are unpacked."""

_LONGEST_FIXED = 64
_INDEX = "__index_level_0__"


def load() -> None:
    """Import what reads Parquet, which takes a moment. Raises Refused where it is not installed."""
    try:
        import_module("pyarrow.parquet")
    except ImportError:
        sentence = "this service reads no Parquet, for pyarrow is not installed; send text/csv or application/json"
        raise Refused(415, sentence) from None


def read(most: int, body: bytes) -> Rows:
    """The rows of the file; pandas' index is left out. Raises Refused, or Empty."""
    from pyarrow import ArrowException, BufferReader
    from pyarrow.parquet import ParquetFile, read_metadata

    try:
        described = read_metadata(BufferReader(body))
        texts = _check(body, described, most)
        file = ParquetFile(BufferReader(body), metadata=described, read_dictionary=texts)
        table = file.read(use_threads=False)
        table.validate(full=True)
        columns = {name: _values(table.column(name)) for name in table.column_names if name != _INDEX}
    except (ArrowException, OSError, ValueError) as error:
        raise Refused(400, f"the body is not a Parquet file: {str(error).splitlines()[0][:200]}") from None
    return Rows([dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)])


def _check(body: bytes, described: Any, most: int) -> list[str]:
    """Refuse what is too large before it is unpacked; the names of the columns of texts and bytes.

    The sender wrote the footer as well: it must not contradict itself, and the pages are asked how large they are. A
    text that many rows share stays one text when such columns are read as dictionaries.
    """
    if described.num_columns > MOST_COLUMNS:
        raise Refused(400, f"the file has {described.num_columns} columns; send at most {MOST_COLUMNS}")
    check_count(described.num_rows, bound(described.num_columns, most))
    columns = [described.schema.column(place) for place in range(described.num_columns)]
    check_names([column.path for column in columns], "the file")
    for column in columns:
        if column.path != column.name or column.max_repetition_level or column.length > _LONGEST_FIXED:
            raise Refused(400, f"the column {column.path[:60]!r} is no plain column of numbers, texts or bytes")
    _check_rows(described)
    if pages.unpacked(body, described) > MOST_BYTES:
        raise Refused(413, f"the file's values take more than {MOST_BYTES >> 20} MiB; send fewer rows at once")
    return [column.name for column in columns if column.physical_type == "BYTE_ARRAY"]


def _check_rows(described: Any) -> None:
    """Each column of a group of rows has a value, or none, for each; all groups have the file's rows."""
    groups = [described.row_group(place) for place in range(described.num_row_groups)]
    for group in groups:
        if any(group.column(place).num_values != group.num_rows for place in range(group.num_columns)):
            raise Refused(400, "the file has a column with more, or fewer, values than it has rows")
    if sum(group.num_rows for group in groups) != described.num_rows:
        raise Refused(400, f"the file is said to have {described.num_rows} rows, and its groups have another number")


def _values(column: Any) -> Sequence[Any]:
    """What JSON would have for the values of a column."""
    values: list[Any] = []
    for chunk in column.chunks:
        if hasattr(chunk, "dictionary"):
            known = chunk.dictionary.to_pylist()
            values += [None if place is None else known[place] for place in chunk.indices.to_pylist()]
        else:
            values += map(cells.plain, chunk.to_pylist())
    return values
