"""What a champion was trained on, column by column, in; its grids, counts and thresholds, kept with the model, out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from headrace.drift import calibration
from headrace.drift.columns import Counts, Grid, Numbers, Words, counted, grid_of, placed
from headrace.drift.surprise import Floats
from headrace.workload import Arrays


@dataclass(frozen=True, slots=True)
class Reference:
    """Counts on a grid for each column, over so many rows; and thresholds by the size of a window."""

    rows: int
    grids: Mapping[str, Grid]
    counts: Mapping[str, Counts]
    thresholds: Mapping[int, Floats]

    @classmethod
    def of(cls, columns: Arrays) -> Self:
        """Count `columns` (each (n,): numbers as float64, categories as objects), and try windows drawn from them."""
        rows = len(next(iter(columns.values())))
        grids = {name: grid_of(values) for name, values in columns.items()}
        places = {name: placed(grid, columns[name]) for name, grid in grids.items()}
        counts = {name: np.bincount(places[name], minlength=grid.bins) for name, grid in grids.items()}
        return cls(rows, grids, counts, calibration.thresholds(grids, places))

    def count(self, name: str, values: "np.typing.NDArray[np.generic]") -> Counts:
        """Values (n,) of a column on its grid."""
        return counted(self.grids[name], values)

    def write(self, path: Path) -> None:
        """Keep it in the file `path`: a few kilobytes a column, as data."""
        arrays: dict[str, Any] = {"levels": np.array([self.thresholds[size] for size in sorted(self.thresholds)])}
        described: list[dict[str, Any]] = []
        for place, (name, grid) in enumerate(self.grids.items()):
            arrays |= {f"counts{place}": self.counts[name], f"parts{place}": grid.parts}
            if isinstance(grid, Numbers):
                arrays[f"cuts{place}"] = grid.cuts
                described.append({"name": name, "closed": grid.closed})
            else:
                described.append({"name": name, "words": grid.words, "others": _listed(grid.others)})
        about = {"rows": self.rows, "sizes": sorted(self.thresholds), "columns": described}
        np.savez_compressed(path, about=np.array(json.dumps(about)), **arrays)

    @classmethod
    def read(cls, path: Path) -> Self:
        """What `write` kept there. Raises FileNotFoundError."""
        with np.load(path, allow_pickle=False) as kept:
            about = json.loads(str(kept["about"]))
            grids: dict[str, Grid] = {}
            for place, column in enumerate(about["columns"]):
                parts = kept[f"parts{place}"]
                grids[column["name"]] = (
                    Words(tuple(column["words"]), _known(column["others"]), parts)
                    if "words" in column
                    else Numbers(kept[f"cuts{place}"], column["closed"], parts)
                )
            counts = {name: kept[f"counts{place}"] for place, name in enumerate(grids)}
            levels = dict(zip(about["sizes"], kept["levels"], strict=True))
        return cls(about["rows"], grids, counts, levels)


def _listed(words: frozenset[str] | None) -> list[str] | None:
    return None if words is None else sorted(words)


def _known(listed: list[str] | None) -> frozenset[str] | None:
    return None if listed is None else frozenset(listed)
