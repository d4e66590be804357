"""A batch of rows in; its numbers as one checked matrix and its classes as codes, out."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headrace.workload import BadData

from .dataset import Floats
from .header import LABEL
from .sources import Source, not_a_number

MOST_CLASSES, _LONGEST = 1000, 100
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True)
class Block:
    """Numbers `x` (n, features) and classes `codes` (n,) as places in `names`; -1 where a row has no class.

    `first` is the number of the first row in its file.
    """

    x: Floats
    codes: npt.NDArray[np.int64]
    names: tuple[str, ...]
    first: int


def blocks(source: Source) -> Iterator[Block]:
    """The rows of `source`. Raises BadData naming the row, the column and the value that cannot be used."""
    first = 1
    for batch in source.batches():
        x = _numbers(source, batch, first)
        codes, names = _classes(source.name, batch.column(LABEL))
        yield Block(x, codes, names, first)
        first += len(x)


def _numbers(source: Source, batch: pa.RecordBatch, first: int) -> Floats:
    """A missing value becomes NaN, so any other NaN must be found out before."""
    columns = [batch.column(name) for name in source.features]
    x = np.column_stack([column.to_numpy(zero_copy_only=False) for column in columns])
    usable = np.abs(x) <= _LARGEST
    if int((~usable).sum()) > sum(column.null_count for column in columns):
        given = np.column_stack([column.is_valid().to_numpy(zero_copy_only=False) for column in columns])
        row, place = np.argwhere(given & ~usable)[0].tolist()
        raise BadData(not_a_number(source.name, first + row, source.features[place], float(x[row, place])))
    found: Floats = x.astype(np.float32) + np.float32(0)  # zero without a sign: equal rows are equal bytes
    return found


def _classes(file: str, column: pa.Array) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    trimmed = pc.utf8_trim_whitespace(column)
    found = pc.dictionary_encode(pc.if_else(pc.equal(trimmed, ""), None, trimmed))
    names = tuple(found.dictionary.to_pylist())
    if len(names) > MOST_CLASSES:
        raise BadData(
            f"{file} has more than {MOST_CLASSES:,} classes in {LABEL!r}, such as {names[0]!r} and {names[1]!r}; "
            "name the column of the class so, not one that tells every row from the others"
        )
    if long := [name for name in names if len(name) > _LONGEST]:
        raise BadData(f"{file} has a class of {len(long[0])} characters ({long[0][:40]!r}…); use short names")
    return found.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64), names
