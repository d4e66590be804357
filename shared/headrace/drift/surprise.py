"""Counts of two samples on one grid in; how unlikely their difference is, and how large, out.

Everything takes many pairs at once, along the first axes, because a threshold is found by trying many.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from headrace.drift.columns import Counts, Grid, Numbers, Places

Floats = npt.NDArray[np.float64]

FEW = 5
"""A category that rare in either sample is too rare for the approximation; all such count as one."""


@dataclass(frozen=True, slots=True)
class Surprise:
    """Of each pair (…,): the probability of so large a difference by chance, and the share of rows that moved."""

    chance: Floats
    change: Floats


def surprises(grid: Grid, ours: Counts, theirs: Counts) -> Mapping[str, Surprise]:
    """What may differ: the `shape`, one `part` of it, what is `missing`, and what is `unknown` to the grid.

    `ours` and `theirs` (…, bins) are counts on `grid`; only more of what is unknown surprises, and of what lies
    `between` the values of a closed column.
    """
    shape = _distance if isinstance(grid, Numbers) else _divergence
    found = {
        "shape": shape(ours[..., :-1], theirs[..., :-1]),
        "part": _unlikeliest_part(grid.parts, ours, theirs),
        "missing": _more_or_less(ours[..., -1], ours.sum(-1), theirs[..., -1], theirs.sum(-1)),
        "unknown": _more(grid.unknown(ours), ours.sum(-1), grid.unknown(theirs), theirs.sum(-1)),
    }
    if isinstance(grid, Numbers) and grid.closed:
        found["between"] = _more(grid.between(ours), ours.sum(-1), grid.between(theirs), theirs.sum(-1))
    return found


def _distance(ours: Counts, theirs: Counts) -> Surprise:
    """Kolmogorov's and Smirnov's, with Stephens's correction for small samples."""
    rows, seen = ours.sum(-1), theirs.sum(-1)
    apart = np.cumsum(theirs / _one(seen)[..., None] - ours / _one(rows)[..., None], -1)
    distance = np.where((rows > 0) & (seen > 0), np.abs(apart).max(-1), 0.0)
    root = np.sqrt(_one(rows) * _one(seen) / (_one(rows) + _one(seen)))
    return Surprise(_special().kolmogorov((root + 0.12 + 0.11 / root) * distance), distance)


def _divergence(ours: Counts, theirs: Counts) -> Surprise:
    """Pearson's chi-square of two samples over categories, rare ones pooled; the change is the total variation."""
    rows, seen = _one(ours.sum(-1))[..., None], _one(theirs.sum(-1))[..., None]
    rare = (ours + theirs) * (np.minimum(rows, seen) / (rows + seen)) < FEW
    ours_pooled, theirs_pooled = _pooled(ours, rare), _pooled(theirs, rare)
    both = ours_pooled + theirs_pooled
    terms = np.square(np.sqrt(rows / seen) * theirs_pooled - np.sqrt(seen / rows) * ours_pooled) / _one(both)
    moved = np.abs(theirs / seen - ours / rows).sum(-1) / 2
    return Surprise(_special().chdtrc(_one((both > 0).sum(-1) - 1), terms.sum(-1)), moved)


def _pooled(counts: Counts, rare: npt.NDArray[np.bool_]) -> Counts:
    rest = np.where(rare, counts, 0).sum(-1, keepdims=True)
    return np.concatenate([np.where(rare, 0, counts), rest], -1)


def _unlikeliest_part(parts: Places, ours: Counts, theirs: Counts) -> Surprise:
    """The part that grew or shrank most, for its size; its chance is for the best of so many parts."""
    if not len(parts):
        return Surprise(np.ones(theirs.shape[:-1]), np.zeros(theirs.shape[:-1]))
    ours_by_part, theirs_by_part = (np.add.reduceat(counts[..., :-2], parts, -1) for counts in (ours, theirs))
    rows, seen = _one(ours.sum(-1)), _one(theirs.sum(-1))
    share = (ours_by_part + theirs_by_part) / (rows + seen)[..., None]
    apart = np.abs(theirs_by_part / seen[..., None] - ours_by_part / rows[..., None])
    best = (apart / np.sqrt(share * (1 - share) + 1e-12)).argmax(-1, keepdims=True)
    pair = (np.take_along_axis(counts, best, -1)[..., 0] for counts in (ours_by_part, theirs_by_part))
    found = _more_or_less(next(pair), rows, next(pair), seen)
    return Surprise(np.minimum(found.chance * len(parts), 1.0), found.change)


def _more(ours: Counts, rows: Counts, theirs: Counts, seen: Counts) -> Surprise:
    """Of all there are in both samples, so many or more would be in theirs: exact, for rare things too."""
    chance = _special().bdtrc(np.maximum(theirs - 1, 0), _one(ours + theirs), seen / _one(rows + seen))
    change = theirs / _one(seen) - ours / _one(rows)
    return Surprise(np.where(theirs > 0, chance, 1.0), np.maximum(change, 0.0))


def _more_or_less(ours: Counts, rows: Counts, theirs: Counts, seen: Counts) -> Surprise:
    more, less = _more(ours, rows, theirs, seen), _more(rows - ours, rows, seen - theirs, seen)
    return Surprise(np.minimum(2 * np.minimum(more.chance, less.chance), 1.0), np.maximum(more.change, less.change))


def _one(counts: Counts) -> Counts:
    """At least one, to divide by."""
    return np.maximum(counts, 1)


def _special() -> Any:
    """SciPy's functions; who only counts does without them, and without the quarter of a second they take to import."""
    from scipy import special

    return special
