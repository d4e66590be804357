"""CSV and Parquet files in; batches of their rows, numbers as float64 and classes as text, out."""

import csv
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from headrace.workload import BadData, Dataset

from .header import LABEL, features, few

_CELLS = 1 << 20
_BYTES = 1 << 22


class Source(ABC):
    """One file. `features` are the names of its columns of numbers, sorted."""

    features: tuple[str, ...]

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name

    @abstractmethod
    def batches(self) -> Iterator[pa.RecordBatch]:
        """Its rows in order: the features, then the label. Raises BadData naming what cannot be read."""


class CsvSource(Source):
    """Comma-separated values in UTF-8 below a line of names; nothing between two commas is a missing value."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._names = self._header()
        self.features = features(self.name, self._names)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Read in blocks of a few MiB."""
        types = {**dict.fromkeys(self.features, pa.float64()), LABEL: pa.string()}
        convert = arrow_csv.ConvertOptions(
            column_types=types, include_columns=list(types), null_values=[""], strings_can_be_null=True
        )
        read = arrow_csv.ReadOptions(block_size=_BYTES, use_threads=False)
        parse = arrow_csv.ParseOptions(newlines_in_values=True)
        try:
            yield from arrow_csv.open_csv(self.path, read, parse, convert)
        except pa.ArrowInvalid as error:
            self._blame()
            raise BadData(f"{self.name} cannot be read as CSV: {error}") from None

    def _header(self) -> list[str]:
        return next(self._lines(), [])

    def _blame(self) -> None:
        """Find the first cell that is no number: Arrow does not say in which row it is."""
        for number, row in enumerate(self._lines()):
            if len(row) != len(self._names):
                raise BadData(f"{self.name} has {len(row)} values in row {number}, but {len(self._names)} columns")
            for name, cell in zip(self._names, row, strict=True):
                if number and name != LABEL and not _is_number(cell):
                    raise BadData(not_a_number(self.name, number, name, cell))

    def _lines(self) -> Iterator[list[str]]:
        try:
            with self.path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                yield from filter(None, csv.reader(file))
        except csv.Error as error:
            raise BadData(f"{self.name} cannot be read as CSV: {error}") from None


class ParquetSource(Source):
    """Parquet, with numbers of any type."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            # Buffering ahead would hold whole row groups, and a writer may have made only one.
            self._file = parquet.ParquetFile(path, pre_buffer=False)
        except (pa.ArrowInvalid, OSError) as error:
            raise BadData(f"{self.name} cannot be read as Parquet: {error}") from None
        self._schema = self._file.schema_arrow
        self.features = features(self.name, self._schema.names)
        self._check_types()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Read in batches of some millions of numbers."""
        rows = max(_CELLS // len(self.features), 1024)
        try:
            for batch in self._file.iter_batches(rows, use_threads=False):
                numbers = [batch.column(name).cast(pa.float64(), safe=False) for name in self.features]
                yield pa.RecordBatch.from_arrays([*numbers, self._texts(batch.column(LABEL))], [*self.features, LABEL])
        except (pa.ArrowInvalid, OSError) as error:
            raise BadData(f"{self.name} cannot be read as Parquet: {error}") from None

    def _check_types(self) -> None:
        kinds = {name: self._schema.field(name).type for name in self.features}
        if wrong := [name for name, kind in kinds.items() if not _holds_numbers(kind)]:
            raise BadData(
                f"{self.name} has columns that hold no numbers ({few(wrong)}; the first is of type {kinds[wrong[0]]}); "
                "write them as numbers or leave them out"
            )

    def _texts(self, column: pa.Array) -> pa.Array:
        kind = column.type
        if pa.types.is_dictionary(kind):
            return self._texts(column.dictionary_decode())
        if pa.types.is_floating(kind):
            column = self._whole(column)
        elif not (
            pa.types.is_integer(kind) or _holds_text(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind)
        ):
            raise BadData(f"{self.name} has a {LABEL!r} of type {kind}; a class is a text or a whole number")
        return column.cast(pa.string())

    def _whole(self, column: pa.Array) -> pa.Array:
        try:
            return column.cast(pa.int64())
        except pa.ArrowInvalid:
            fraction = pc.filter(column, pc.not_equal(pc.floor(column), column))[0]
            raise BadData(
                f"{self.name} has the {LABEL!r} {fraction}; a class is a text or a whole number, and this workload "
                "predicts no other numbers"
            ) from None


def sources(dataset: Dataset) -> Iterator[Source]:
    """The files of `dataset`, each when it has arrived; at least one. Raises BadData when their columns differ."""
    kinds: dict[str, type[Source]] = {".csv": CsvSource, ".parquet": ParquetSource}
    first: Source | None = None
    for name in dataset.names:
        if kind := kinds.get(PurePosixPath(name).suffix):
            source = kind(dataset.path(name))
            first = first or source
            _check_columns(first, source)
            yield source
    if first is None:
        raise BadData("the dataset holds no .csv and no .parquet file; upload one")


def _check_columns(first: Source, other: Source) -> None:
    if other.features != first.features:
        only = [sorted({*one.features} - {*two.features}) for one, two in ((first, other), (other, first))]
        raise BadData(
            f"{other.name} has other columns than {first.name}: "
            f"without {few(only[0]) or 'none'}, with {few(only[1]) or 'none'} beside; give all files the same"
        )


def not_a_number(file: str, row: int, name: str, value: object) -> str:
    """What is wrong with one cell, and the way out."""
    return (
        f"{file} has {value!r} in row {row} of the column {name!r}, which is not a finite number; "
        "correct it, or leave it empty if it is missing"
    )


def _is_number(cell: str) -> bool:
    try:
        return not cell or float(cell) * 0 == 0
    except ValueError:
        return False


def _holds_numbers(kind: pa.DataType) -> bool:
    types = pa.types
    fits = (types.is_integer, types.is_boolean, types.is_null, types.is_floating, types.is_decimal)
    return any(each(kind) for each in fits)


def _holds_text(kind: pa.DataType) -> bool:
    types = pa.types
    return any(each(kind) for each in (types.is_string, types.is_large_string, types.is_string_view))
