"""A column of the reference in; a grid that its values, and those of any later window, are counted on, out."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from headrace.drift.cells import Cells

Counts = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]

CUTS = 1024
"""The distance of two distributions is exact at so many quantiles of the reference, and so to a thousandth."""

SPARED = 5
"""The grid ends so many values before the reference does, at both ends: new extremes are natural, at a known rate."""

WORDS = 255
"""So many categories are told apart, the commonest ones; the others that the reference knew are one."""

OPEN = 0.01
"""Where so many rows hold a value that no other row does, new ones are to be expected for ever."""

PARTS = 32
"""What is looked at part by part is looked at in so many of about the same size."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A grid of increasing `cuts`: a bin below each, one for each itself, one above all, and one for what is missing.

    Of a `closed` column the reference knew every value there is, as of a term of 36 or 60 months: each is a cut.
    `parts` are coarser: the bins at which each begins.
    """

    cuts: npt.NDArray[np.float64]
    closed: bool
    parts: Places
    _cells: Cells | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_cells", Cells(self.cuts) if len(self.cuts) else None)

    def __reduce__(self) -> tuple[type[Self], tuple[npt.NDArray[np.float64], bool, Places]]:
        """Travel to another process without the cells, which are large, and soon made."""
        return type(self), (self.cuts, self.closed, self.parts)

    @classmethod
    def of(cls, values: npt.NDArray[np.float64]) -> Self:
        """Cut where the reference's own quantiles are, so that every bin holds about as much."""
        known = np.sort(values[np.isfinite(values)])
        distinct, times = np.unique(known, return_counts=True)
        closed = len(distinct) <= CUTS and int(np.count_nonzero(times == 1)) <= OPEN * len(values)
        bare = cls(distinct[times > 1] if closed else _quantiles(known[SPARED:-SPARED]), closed, np.zeros(0, np.intp))
        counts = np.bincount(bare.places(values), minlength=bare.bins)
        return cls(bare.cuts, closed, _parts(counts, first=1))

    @property
    def bins(self) -> int:
        """How many bins there are; the first is below the reference, the last but one above, the last missing."""
        return 2 * len(self.cuts) + 2

    def places(self, values: npt.NDArray[np.float64]) -> Places:
        """The bin of each value (n,)."""
        place = self._cells.places(values) if self._cells else np.zeros(len(values), np.intp)
        missing = np.isnan(values)
        if missing.any():
            place[missing] = self.bins - 1
        return place

    def counted(self, values: npt.NDArray[np.float64]) -> Counts:
        """How many of the values (n,) are in each bin."""
        return np.bincount(self.places(values), minlength=self.bins)

    def unknown(self, counts: Counts) -> Counts:
        """How many rows (…,) lie outside the reference's range."""
        return counts[..., 0] + counts[..., -2]

    def between(self, counts: Counts) -> Counts:
        """How many rows (…,) lie between the values of a closed column."""
        inside: Counts = counts[..., 2:-2:2].sum(-1)
        return inside


@dataclass(frozen=True, slots=True)
class Words:
    """The commonest `words` of the reference, each a bin; then one for others, one for new ones, one for missing.

    `others` are known as well; where it is None any category may come, and none is new.
    """

    words: tuple[str, ...]
    others: frozenset[str] | None
    parts: Places

    @classmethod
    def of(cls, values: npt.NDArray[np.object_]) -> Self:
        """The categories of the reference, commonest first. One that was there once is as new as any that never was."""
        met = Counter(str(value) for value in values if not _is_missing(value))
        common = tuple(sorted((word for word in met if met[word] > 1), key=lambda word: (-met[word], word)))
        others = frozenset(common[WORDS:]) if len(met) - len(common) <= OPEN * len(values) else None
        bare = cls(common[:WORDS], others, np.zeros(0, np.intp))
        counts = np.bincount(bare.places(values), minlength=bare.bins)
        return cls(bare.words, bare.others, _parts(counts, first=0))

    @property
    def bins(self) -> int:
        """How many bins there are."""
        return len(self.words) + 3

    def places(self, values: npt.NDArray[np.object_]) -> Places:
        """The bin of each value (n,)."""
        known = {word: place for place, word in enumerate(self.words)}
        other, new, missing = len(self.words), len(self.words) + 1, len(self.words) + 2

        def place(value: object) -> int:
            if _is_missing(value):
                return missing
            word = str(value)
            return known.get(word, other if self.others is None or word in self.others else new)

        met = {value: place(value) for value in set(values.tolist())}
        return np.fromiter(map(met.__getitem__, values.tolist()), np.intp, len(values))

    def counted(self, values: npt.NDArray[np.object_]) -> Counts:
        """How many of the values (n,) are in each bin: each different one is looked up once."""
        times = Counter(values.tolist())
        counts = np.zeros(self.bins, np.int64)
        np.add.at(counts, self.places(np.array([*times], object)), np.fromiter(times.values(), np.int64, len(times)))
        return counts

    def unknown(self, counts: Counts) -> Counts:
        """How many rows (…,) hold a category that the reference did not know."""
        return counts[..., -2]


Grid = Numbers | Words


def grid_of(values: npt.NDArray[np.generic]) -> Grid:
    """Numbers are float64, categories objects."""
    if values.dtype.kind == "f":
        return Numbers.of(values.astype(np.float64, copy=False))
    return Words.of(values.astype(object))


def counted(grid: Grid, values: npt.NDArray[np.generic]) -> Counts:
    """How many of the values (n,) are in each bin (bins,)."""
    if isinstance(grid, Numbers):
        return grid.counted(values.astype(np.float64, copy=False))
    return grid.counted(values.astype(object, copy=False))


def placed(grid: Grid, values: npt.NDArray[np.generic]) -> Places:
    """The bin of each value (n,)."""
    if isinstance(grid, Numbers):
        return grid.places(values.astype(np.float64, copy=False))
    return grid.places(values.astype(object, copy=False))


def _quantiles(known: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    if not len(known):
        return known
    return np.unique(np.quantile(known, np.linspace(0, 1, CUTS + 1), method="inverted_cdf"))


def _parts(counts: Counts, first: int) -> Places:
    """The bins at which parts begin, from `first` on: each is as long as it takes to hold its share of the rows.

    The last two bins, of what is unknown and of what is missing, belong to none.
    """
    inside = counts[first:-2]
    before = np.cumsum(inside) - inside
    part = before * PARTS // max(int(inside.sum()), 1)
    return first + np.flatnonzero(np.diff(part, prepend=-1))


def _is_missing(value: object) -> bool:
    return value is None or value == "" or value != value
