import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.data.folder_dataset import FolderDataset
from headrace.workload import BadData
from tests.unit.workloads.loans import Rows, column, csv_bytes, loans, parquet_bytes, row_set
from workloads.loan_default.intake import intake
from workloads.loan_default.table import Table, read_table
from workloads.loan_default.training import training

Prepare = Callable[..., Path]
ROWS = loans(400)
MONTH = date(2024, 1, 1)


def train_split(dataset: Path) -> Table:
    training.prepare(FolderDataset(dataset), dataset.with_suffix(".split"))
    return read_table(dataset.with_suffix(".split") / "train")


def refused(dataset: Path) -> str:
    with pytest.raises(BadData) as caught:
        training.prepare(FolderDataset(dataset), dataset.with_suffix(".split"))
    return str(caught.value)


def as_text(rows: Rows) -> pa.Table:
    """What a CSV holds: texts, nothing else."""
    return pa.Table.from_pylist(list(csv.DictReader(io.StringIO(csv_bytes(rows).decode()))))


def as_values(rows: Rows) -> pa.Table:
    """What a database would give: numbers, nulls and dates."""

    def value(name: str, cell: Any) -> Any:
        if cell == "":
            return None
        if name in ("int_rate", "revol_util"):
            return float(cell.strip(" %"))
        if name == "issue_d":
            return MONTH
        return float(cell) if name in ("annual_inc", "dti", "installment", "mort_acc") else cell

    return pa.Table.from_pylist([{name: value(name, cell) for name, cell in row.items()} for row in rows])


@pytest.mark.parametrize("table", [as_text(ROWS), as_values(ROWS)], ids=["texts", "values"])
def test_the_same_loans_give_the_same_split_as_csv_and_as_parquet(prepared: Prepare, table: pa.Table) -> None:
    from_csv = train_split(prepared(a_csv=csv_bytes(ROWS)))
    from_parquet = train_split(prepared(a_parquet=parquet_bytes(table, row_group_size=70)))
    assert from_csv.fields == from_parquet.fields
    assert np.array_equal(from_csv.x, from_parquet.x, equal_nan=True)
    assert np.array_equal(from_csv.y, from_parquet.y)


def test_files_of_both_kinds_make_one_dataset(prepared: Prepare) -> None:
    mixed = train_split(prepared(a_csv=csv_bytes(ROWS[:150]), b_parquet=parquet_bytes(as_text(ROWS[150:]))))
    assert row_set(mixed) == row_set(train_split(prepared(a_csv=csv_bytes(ROWS))))


@pytest.mark.parametrize(
    "issued",
    [
        pa.array([MONTH] * 400, pa.date32()),
        pa.array([datetime(2024, 1, 1)] * 400, pa.timestamp("us")),
        pa.array([datetime(2024, 1, 31, 23, tzinfo=UTC)] * 400, pa.timestamp("ms", "UTC")),
        pa.array(["2024-01-31"] * 400).dictionary_encode(),
    ],
    ids=lambda array: str(array.type),
)
def test_a_date_of_any_type_is_its_month(prepared: Prepare, issued: pa.Array) -> None:
    table = as_text(ROWS)
    table = table.set_column(table.schema.get_field_index("issue_d"), "issue_d", issued)
    assert set(train_split(prepared(a_parquet=parquet_bytes(table))).issued.tolist()) == {2024 * 12}


@pytest.mark.parametrize("kind", [pa.decimal128(12, 2), pa.float32(), pa.int64()], ids=str)
def test_a_number_of_any_type_is_its_value(prepared: Prepare, kind: pa.DataType) -> None:
    incomes = pa.array([Decimal(40_000 + place) for place in range(400)]).cast(kind)
    table = as_text(ROWS)
    table = table.set_column(table.schema.get_field_index("annual_inc"), "annual_inc", incomes)
    found = column(train_split(prepared(a_parquet=parquet_bytes(table))), "annual_inc")
    assert set(found.tolist()) <= set(range(40_000, 40_400))


def test_not_a_number_is_missing_as_null_is(prepared: Prepare) -> None:
    table = as_values(ROWS)
    dti = pa.array([float("nan") if place % 2 else None for place in range(399)] + [5.0])
    table = table.set_column(table.schema.get_field_index("dti"), "dti", dti)
    dataset = prepared(a_parquet=parquet_bytes(table))
    notes = training.prepare(FolderDataset(dataset), dataset.with_suffix(".split")).notes
    assert not [note for note in notes if "unreadable" in note]


@pytest.mark.parametrize("cells", [pa.array([[1.0]] * 400), pa.array([True] * 400)], ids=["lists", "booleans"])
def test_a_column_of_something_else_is_refused_by_name(prepared: Prepare, cells: pa.Array) -> None:
    table = as_text(ROWS)
    table = table.set_column(table.schema.get_field_index("annual_inc"), "annual_inc", cells)
    assert "values of annual_inc cannot be read" in refused(prepared(a_parquet=parquet_bytes(table)))


def test_names_may_be_in_capitals_and_unknown_columns_are_not_read(prepared: Prepare) -> None:
    table = as_text(ROWS).append_column("nested", pa.array([{"a": [1]}] * 400))
    table = table.rename_columns([name.upper() for name in table.column_names])
    train = train_split(prepared(a_parquet=parquet_bytes(table)))
    assert row_set(train) == row_set(train_split(prepared(a_csv=csv_bytes(ROWS))))


def test_a_table_without_the_label_is_refused_by_its_file_name(prepared: Prepare) -> None:
    table = as_text(ROWS).drop_columns("loan_status")
    assert "a.parquet has no column 'loan_status'" in refused(prepared(a_parquet=parquet_bytes(table)))


@pytest.mark.parametrize("kept", [slice(0, 2000), slice(0, -8), slice(4, None)], ids=["cut", "no footer", "no start"])
def test_a_damaged_file_is_refused_by_its_name(prepared: Prepare, kept: slice) -> None:
    content = parquet_bytes(as_text(ROWS))[kept]
    assert "a.parquet cannot be read as Parquet: " in refused(prepared(a_parquet=content))


def test_a_damaged_page_is_refused_by_its_file_name(prepared: Prepare) -> None:
    content = bytearray(parquet_bytes(as_text(ROWS)))
    content[200:4000] = bytes(3800)
    assert "a.parquet cannot be read as Parquet: " in refused(prepared(a_parquet=bytes(content)))


def test_the_first_bytes_of_a_parquet_file_are_all_that_is_looked_at() -> None:
    intake.peek("loans.parquet", parquet_bytes(as_text(ROWS))[:1000])


def test_a_csv_named_parquet_is_refused() -> None:
    with pytest.raises(BadData, match=r"loans\.parquet is not a Parquet file"):
        intake.peek("loans.parquet", csv_bytes(ROWS))
