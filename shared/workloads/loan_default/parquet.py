"""A Parquet file of loans in; its columns as Python values, batch by batch, out."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.parquet import ParquetFile

from headrace.workload import BadData

from .header import Header, check_header
from .schema import LABEL


class Parquet:
    """One file, read in batches of `rows`; nothing in it can be set aside, for a damaged page damages them all."""

    def __init__(self, path: Path, rows: int) -> None:
        self._name, self._rows = path.name, rows
        with _readable(path.name):
            # Buffering ahead would hold whole row groups, and a writer may have made only one.
            self._file = ParquetFile(path, pre_buffer=False)
        self.header: Header = check_header(path.name, self._file.schema_arrow.names)
        self.bad: Counter[str] = Counter()

    def blocks(self) -> Iterator[dict[str, Sequence[object]]]:
        """The cells of the label and of every known field, by its name."""
        names = self._file.schema_arrow.names
        fields = {names[place]: name for name, place in {LABEL: self.header.label, **self.header.fields}.items()}
        batches = self._file.iter_batches(self._rows, columns=list(fields), use_threads=False)
        while True:
            with _readable(self._name):
                batch = next(batches, None)
                if batch is None:
                    return
                columns = zip(batch.schema.names, batch.columns, strict=True)
                block = {fields[name]: _cells(column) for name, column in columns}
            yield block

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise BadData(f"{name} cannot be read as Parquet: {reason}; write it again") from error


def _cells(column: pa.Array) -> Sequence[object]:
    """Numbers, texts and None, as JSON would have them; a date is its month."""
    if pa.types.is_temporal(column.type):
        column = pc.strftime(column, format="%Y-%m")
    elif pa.types.is_decimal(column.type) or pa.types.is_floating(column.type):
        values = column.cast(pa.float64())
        column = pc.if_else(pc.is_nan(values), None, values)
    elif pa.types.is_nested(column.type):
        return [str(cell) for cell in column]
    cells: list[object] = column.to_pylist()
    return cells
