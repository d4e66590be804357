"""Rows of loans as CSV bytes, for tests."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from workloads.loan_default.generator import month
from workloads.loan_default.table import Table

Rows = list[dict[str, Any]]


def loans(rows: int = 400, start: str = "2024-01", seed: int = 1) -> Rows:
    return list(month(rows, start, 0.0, seed))


def without(rows: Rows, *names: str) -> Rows:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


def csv_bytes(rows: Iterable[Mapping[str, Any]]) -> bytes:
    text = io.StringIO()
    rows = list(rows)
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def parquet_bytes(table: pa.Table, **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


def column(table: Table, name: str) -> npt.NDArray[np.float32]:
    """A column of the matrix by its name."""
    return table.x[:, [field.name for field in table.fields].index(name)]


def row_set(table: Table) -> set[tuple[float, ...]]:
    """The rows without their order; what is missing is 0."""
    return {tuple(row) for row in np.nan_to_num(table.x).tolist()}
