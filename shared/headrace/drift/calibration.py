"""The reference's own rows in; how small a chance is small enough for an alarm, by the window's size, out."""

from collections.abc import Iterator, Mapping

import numpy as np

from headrace.drift.columns import Counts, Grid, Places
from headrace.drift.surprise import Floats, surprises

SIZES = (200, 2000)
"""Rows of a window. A larger one has the threshold of the largest: chances reckon with the size already."""

LEVELS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
"""Shares of undrifted windows that raise a false alarm."""

WINDOWS = 1000
"""So many are tried of each size."""

_AT_ONCE = 32


def thresholds(grids: Mapping[str, Grid], places: Mapping[str, Places], seed: int = 0) -> dict[int, Floats]:
    """By size, the smallest chance in any column that a share of undrifted windows stays above, for each of LEVELS.

    `places` has the bin (n,) of every row of the reference in every column. Windows are drawn from the reference, row
    by row, and held against the rest of it: what belongs together in a row stays so, and both sides are samples.
    """
    rows, random = len(next(iter(places.values()))), np.random.default_rng(seed)
    sizes = [size for size in SIZES if 2 * size <= rows] or [max(rows // 2, 1)]
    return {size: np.quantile(_smallest(grids, places, rows, size, random), LEVELS) for size in sizes}


def threshold(table: Mapping[int, Floats], rows: int, false_alarms: float) -> float:
    """The chance below which a window of so many rows raises an alarm, in a share `false_alarms` of undrifted ones."""
    sizes = sorted(table)
    by_level = np.log([table[size] for size in sizes])
    here = [np.interp(np.log(rows), np.log(sizes), by_level[:, level]) for level in range(len(LEVELS))]
    return float(np.exp(np.interp(np.log(false_alarms), np.log(LEVELS), here)))


def _smallest(
    grids: Mapping[str, Grid], places: Mapping[str, Places], rows: int, size: int, random: np.random.Generator
) -> Floats:
    """The smallest chance in any column, of each window."""
    found = [
        np.minimum.reduce([_chances(grid, places[name], drawn) for name, grid in grids.items()])
        for drawn in _windows(rows, size, random)
    ]
    return np.concatenate(found)[:WINDOWS]


def _windows(rows: int, size: int, random: np.random.Generator) -> Iterator[Places]:
    """Rows of windows (k, size), until there are enough; those of one shuffle have none in common."""
    each = min(max(rows // 2 // size, 1), _AT_ONCE)
    shuffles = max(_AT_ONCE // each, 1)
    for _ in range(0, WINDOWS, shuffles * each):
        yield np.concatenate([random.permutation(rows)[: each * size].reshape(each, size) for _ in range(shuffles)])


def _chances(grid: Grid, places: Places, drawn: Places) -> Floats:
    """Of each window (k, size), the smallest chance of whatever may differ in one column."""
    theirs = _counts(grid, places[drawn])
    ours = np.bincount(places, minlength=grid.bins) - theirs
    smallest: Floats = np.minimum.reduce([each.chance for each in surprises(grid, ours, theirs).values()])
    return smallest


def _counts(grid: Grid, places: Places) -> Counts:
    """Counts (k, bins) of windows whose rows lie in these bins (k, size)."""
    windows = len(places)
    shifted = places + grid.bins * np.arange(windows)[:, None]
    return np.bincount(shifted.ravel(), minlength=grid.bins * windows).reshape(windows, grid.bins)
