"""Small tables as files, for tests."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

Table = dict[str, list[Any]]


def table(rows: int = 300, seed: int = 0, classes: tuple[str, ...] = ("low", "mid", "top")) -> Table:
    """Two numbers that tell the classes apart, and one that does not; the label comes first."""
    random = np.random.default_rng(seed)
    places = random.integers(0, len(classes), rows)
    return {
        "label": [classes[place] for place in places],
        "height": (100 * places + random.normal(0, 10, rows)).tolist(),
        "width": (-5.0 * places + random.normal(0, 1, rows)).tolist(),
        "noise": random.normal(0, 1, rows).tolist(),
    }


def write_csv(path: Path, columns: Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        ",".join(columns),
        *(",".join("" if cell is None else str(cell) for cell in row) for row in rows_of(columns)),
    ]
    path.write_text("\n".join(rows) + "\n", "utf-8")


def write_parquet(path: Path, columns: Table, **types: pa.DataType) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = [pa.array(cells, types.get(name)) for name, cells in columns.items()]
    parquet.write_table(pa.Table.from_arrays(arrays, list(columns)), path)


def rows_of(columns: Table) -> list[tuple[Any, ...]]:
    return list(zip(*columns.values(), strict=True))
