"""A number of rows, a drift and a seed in; a table of numbers and classes, the same for the same three, out.

Each class is several clouds of points that lie between those of the others, and the columns show the points through
sums, products and waves, in units of their own. A linear model tells two thirds of the rows apart at best.
"""

import argparse
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .header import LABEL

Floats = npt.NDArray[np.float64]
Table = dict[str, npt.NDArray[Any]]

CLASSES = ("amber", "azure", "coral", "ivory", "olive")
FEATURES = tuple(f"f{number:02}" for number in range(1, 20))
CHUNK = 100_000
_CLOUDS, _SPACE, _SPREAD = 6, 6, 2.6
_SUMS, _PRODUCTS, _WAVES, _NOISES = 6, 4, 3, 5
_MISSING, _MISTAKEN = 0.01, 0.01
_COUNTED = ("f04", "f16")
"""Whole numbers, as counts and codes are."""


class _World:
    """What all tables have in common: where the clouds are, where drift takes them, and what each column shows."""

    def __init__(self) -> None:
        random = np.random.default_rng(20)
        self.centres = random.standard_normal((len(CLASSES), _CLOUDS, _SPACE)) * _SPREAD
        self.mixture = random.standard_normal((_SPACE, _SUMS))
        self.pairs = random.integers(0, _SPACE, (2, _PRODUCTS))
        self.shift = random.standard_normal((len(CLASSES), _CLOUDS, _SPACE)) * _SPREAD / 2
        columns = _SUMS + _PRODUCTS + _WAVES + _NOISES
        self.scale, self.offset = 10 ** random.uniform(-2, 3, columns), random.uniform(-5, 5, columns)

    def columns(self, points: Floats, random: np.random.Generator) -> Floats:
        """What is seen of `points` (n, space)."""
        clean = [points @ self.mixture, points[:, self.pairs[0]] * points[:, self.pairs[1]], np.sin(points[:, :_WAVES])]
        seen = np.hstack([*clean, np.zeros((len(points), _NOISES))])
        blur = np.repeat([0.3, 0.3, 0.2, 1.0], [_SUMS, _PRODUCTS, _WAVES, _NOISES])
        found: Floats = (seen + random.standard_normal(seen.shape) * blur + self.offset) * self.scale
        return found


def tables(rows: int, drift: float = 0.0, seed: int = 0) -> Iterator[Table]:
    """Columns by name, at most CHUNK rows at once; NaN is a missing value.

    `drift` from 0 to 1 moves the clouds, makes some classes rarer and turns up what one column measures.
    """
    if not 0 <= drift <= 1:
        raise ValueError(f"drift {drift} is not between 0 and 1")
    world = _World()
    for chunk, start in enumerate(range(0, rows, CHUNK)):
        yield _table(world, min(CHUNK, rows - start), drift, np.random.default_rng((seed, chunk)))


def _table(world: _World, rows: int, drift: float, random: np.random.Generator) -> Table:
    common = 1 - drift * np.linspace(0, 0.7, len(CLASSES))
    classes = random.choice(len(CLASSES), rows, p=common / common.sum())
    clouds = random.integers(0, _CLOUDS, rows)
    centres = world.centres + drift * world.shift
    points = centres[classes, clouds] + random.standard_normal((rows, _SPACE))
    seen = world.columns(points, random)
    seen[:, 0] += drift * 3 * world.scale[0]
    mistaken = random.random(rows) < _MISTAKEN
    classes[mistaken] = random.integers(0, len(CLASSES), int(mistaken.sum()))
    return {**_named(seen, random), LABEL: np.array(CLASSES, object)[classes]}


def _named(seen: Floats, random: np.random.Generator) -> Table:
    """Columns under names that say nothing, with values missing here and there, and one column without any news."""
    found = dict(zip(FEATURES, [*seen.T, np.full(len(seen), 230.0)], strict=True))
    for name in _COUNTED:
        found[name] = np.round(found[name])
    for name in FEATURES[:-1]:
        found[name][random.random(len(seen)) < _MISSING] = np.nan
    return dict(found)


def write_table(path: Path, rows: int, drift: float = 0.0, seed: int = 0) -> None:
    """Write one table, as Parquet or as CSV by the ending of `path`."""
    (_write_parquet if path.suffix == ".parquet" else _write_csv)(path, tables(rows, drift, seed))


def sample(folder: Path) -> None:
    """Write a dataset to `folder` that is just large enough to train on, as Parquet where that can be written."""
    write_table(folder / ("rows.parquet" if find_spec("pyarrow") else "rows.csv"), 3000)


def _write_parquet(path: Path, chunks: Iterator[Table]) -> None:
    import pyarrow
    from pyarrow import parquet

    types = {**dict.fromkeys(FEATURES, pyarrow.float64()), LABEL: pyarrow.string()}
    with parquet.ParquetWriter(path, pyarrow.schema(types.items()), compression="zstd") as writer:
        for chunk in chunks:
            columns = [pyarrow.array(chunk[name], kind, from_pandas=True) for name, kind in types.items()]
            writer.write_table(pyarrow.Table.from_arrays(columns, schema=writer.schema))


def _write_csv(path: Path, chunks: Iterator[Table]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for number, chunk in enumerate(chunks):
            if not number:
                file.write(",".join(chunk) + "\n")
            for row in zip(*(column.tolist() for column in chunk.values()), strict=True):
                file.write(",".join("" if cell != cell else str(cell) for cell in row) + "\n")


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m workloads.synth_tabular.generator", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--drift", type=float, default=0.0, help="0 (none) to 1")
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet" if find_spec("pyarrow") else "csv")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    write_table(chosen.folder / f"rows-{chosen.seed}.{chosen.format}", chosen.rows, chosen.drift, chosen.seed)


if __name__ == "__main__":
    _main()
