"""What a query's rows become in a file."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headrace.errors import Rejected
from headrace.sql.columns import columns_of
from headrace.sql.csvfile import CsvFile
from headrace.sql.parquet import ParquetFile

ZURICH = timezone(timedelta(hours=2))


def parquet(path: Path, *batches: list[Any]) -> pa.Table:
    """The file with one column `x`, written a batch at a time, and read again."""
    with ParquetFile(path) as file:
        for batch in batches:
            file.write(columns_of(["x"], [(value,) for value in batch]))
    assert [path.name for path in path.parent.iterdir()] == [path.name]
    return pq.read_table(path)


@pytest.mark.parametrize(
    ("values", "kind", "read"),
    [
        ([1, None, -(2**62)], pa.int64(), [1, None, -(2**62)]),
        ([1, 2.5], pa.float64(), [1.0, 2.5]),
        ([True, None], pa.bool_(), [True, None]),
        (["ü", "", None], pa.string(), ["ü", "", None]),
        ([Decimal("1.50"), 2], pa.decimal128(3, 2), [Decimal("1.50"), Decimal("2.00")]),
        ([date(2024, 2, 29)], pa.date32(), [date(2024, 2, 29)]),
        ([time(12, 30)], pa.time64("us"), [time(12, 30)]),
        ([datetime(2024, 1, 1, 12)], pa.timestamp("us"), [datetime(2024, 1, 1, 12)]),
        ([memoryview(b"\x00\x01")], pa.binary(), [b"\x00\x01"]),
        ([UUID(int=1)], pa.string(), ["00000000-0000-0000-0000-000000000001"]),
        ([None, None], pa.null(), [None, None]),
    ],
)
def test_a_value_is_in_parquet_what_it_is_in_the_database(
    values: list[Any], kind: pa.DataType, read: list[Any], tmp_path: Path
) -> None:
    table = parquet(tmp_path / "x.parquet", values)
    assert table.schema.field("x").type == kind
    assert table.column("x").to_pylist() == read


def test_a_moment_is_the_same_whatever_zone_the_database_tells_it_in(tmp_path: Path) -> None:
    moment = datetime(2024, 7, 1, 14, tzinfo=ZURICH)
    table = parquet(tmp_path / "x.parquet", [moment])
    assert table.schema.field("x").type == pa.timestamp("us", "UTC")
    parquet(tmp_path / "x.parquet", [moment.astimezone(UTC)])
    assert pq.read_table(tmp_path / "x.parquet") == table


@pytest.mark.parametrize(
    ("batches", "kind"),
    [
        ([[None], [1]], pa.int64()),
        ([[1], [2.5], [None]], pa.float64()),
        ([[Decimal("1.5")], [Decimal("100.25")], [7]], pa.decimal128(20, 2)),
        ([[None], ["a"], [None]], pa.string()),
    ],
)
def test_a_column_is_as_wide_as_its_widest_batch_whichever_came_first(
    batches: list[list[Any]], kind: pa.DataType, tmp_path: Path
) -> None:
    for number, order in enumerate((batches, batches[::-1])):
        folder = tmp_path / str(number)
        folder.mkdir()
        table = parquet(folder / "x.parquet", *order)
        assert table.schema.field("x").type == kind
        assert table.column("x").to_pylist() == [value for batch in order for value in batch]
        assert pq.ParquetFile(folder / "x.parquet").num_row_groups == len(batches)


def test_the_same_batches_are_the_same_bytes(tmp_path: Path) -> None:
    batches: list[list[Any]] = [[None, 1], [2.5], [3]]
    written = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        parquet(tmp_path / name / "x.parquet", *batches)
        written.append((tmp_path / name / "x.parquet").read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize(
    "batches",
    [
        [[1, "a"]],
        [[1], ["a"]],
        [[True], [1]],
        [[date(2024, 1, 1), datetime(2024, 1, 1)]],
        [[Decimal("NaN")]],
        [[2**70]],
        [[2**62 + 1], [0.5]],
        [[[1, 2]]],
        [[{"a": 1}]],
        [[timedelta(1)]],
    ],
)
def test_a_column_that_goes_into_no_one_type_is_refused_by_its_name(batches: list[list[Any]], tmp_path: Path) -> None:
    with pytest.raises(Rejected, match=r"\bx\b.*CAST it"):
        parquet(tmp_path / "x.parquet", *batches)


def comma_separated(path: Path, names: list[str], *batches: list[tuple[Any, ...]]) -> str:
    with CsvFile(path) as file:
        for batch in batches:
            file.write(columns_of(names, batch))
    return path.read_bytes().decode()


def test_csv_has_a_header_and_nothing_for_null(tmp_path: Path) -> None:
    rows = [(1, "a, b"), (None, 'say "x"\n')]
    text = comma_separated(tmp_path / "x.csv", ["id", "ü"], rows, [(2, "")])
    assert text == 'id,ü\n1,"a, b"\n,"say ""x""\n"\n2,\n'


def test_csv_has_numbers_in_full_and_moments_in_utc(tmp_path: Path) -> None:
    row = (0.1 + 0.2, Decimal("1.50"), True, date(2024, 2, 29), datetime(2024, 7, 1, 14, tzinfo=ZURICH))
    text = comma_separated(tmp_path / "x.csv", ["f", "d", "b", "day", "at"], [row])
    assert text.splitlines()[1] == "0.30000000000000004,1.50,True,2024-02-29,2024-07-01 12:00:00+00:00"


def test_bytes_are_refused_where_csv_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="'photo' holds bytes"):
        comma_separated(tmp_path / "x.csv", ["photo"], [(b"\x00",)])
