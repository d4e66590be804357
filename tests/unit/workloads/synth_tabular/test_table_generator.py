from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from workloads.synth_tabular.generator import CHUNK, CLASSES, FEATURES, tables, write_table


def test_the_same_seed_makes_the_same_table_and_another_another() -> None:
    one, again, other = (next(tables(50, seed=seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(one[name], again[name], equal_nan=name != "label") for name in one)
    assert not np.array_equal(one["f01"], other["f01"], equal_nan=True)


def test_csv_and_parquet_hold_the_same(tmp_path: Path) -> None:
    for name in ("a.csv", "a.parquet"):
        write_table(tmp_path / name, 40)
    cells = parquet.read_table(tmp_path / "a.parquet").to_pylist()
    lines = [["" if cell is None else str(cell) for cell in row.values()] for row in cells]
    header, *rows = (tmp_path / "a.csv").read_text().splitlines()
    assert header.split(",") == [*FEATURES, "label"]
    assert [row.split(",") for row in rows] == lines
    assert "" in {cell for line in lines for cell in line}


def test_large_tables_are_made_in_chunks() -> None:
    assert [len(chunk["label"]) for chunk in tables(CHUNK + 5)] == [CHUNK, 5]


def test_drift_moves_the_numbers_and_makes_classes_rarer() -> None:
    before, after = next(tables(5000)), next(tables(5000, drift=1.0))
    shift = abs(np.nanmean(after["f01"]) - np.nanmean(before["f01"])) / np.nanstd(before["f01"])
    assert shift > 0.3
    shares = [[(chunk["label"] == name).mean() for name in CLASSES] for chunk in (before, after)]
    assert max(shares[0]) < 1.2 * min(shares[0])
    assert max(shares[1]) > 2 * min(shares[1])


def test_a_drift_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match="drift 2 is not between 0 and 1"):
        next(tables(5, drift=2))
