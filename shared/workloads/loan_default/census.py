"""Loans in, block by block; how many there are of each label, and with each field, month by month, out."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .cleaner import Loans
from .schema import FIELDS, HISTORY, ISSUED

NO_MONTH = -1.0
TEST_SHARE = 0.225
_LAST_TEST_KEY = np.uint64(int(TEST_SHARE * 2**64))
_ISSUED, _HISTORY = FIELDS.index(ISSUED), FIELDS.index(HISTORY)

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the loans: how many were paid back, how many charged off, and how many have each of `FIELDS`."""

    paid: int
    charged_off: int
    filled: Counts

    @property
    def loans(self) -> int:
        """How many there are."""
        return self.paid + self.charged_off


class Census:
    """Counts of small groups: the loans of a month whose key is, or is not, among the test set's share of all keys."""

    def __init__(self) -> None:
        self._counts: dict[tuple[float, bool], Counts] = {}

    def add(self, loans: Loans) -> None:
        """Count a block."""
        if not len(loans):
            return
        groups, member = np.unique(2 * months(loans) + marked(loans), return_inverse=True)
        order = np.argsort(member, kind="stable")
        labels = loans["label"][:, None] == [0, 1]
        each = np.concatenate([labels, _filled(loans)], axis=1)[order]
        sums = np.add.reduceat(each, np.searchsorted(member[order], np.arange(len(groups))), dtype=np.int64)
        for group, counts in zip(groups.tolist(), sums, strict=True):
            month, mark = divmod(group, 2)
            self._counts[month, bool(mark)] = self._counts.get((month, bool(mark)), 0) + counts

    def group(self, chosen: Callable[[float, bool], object]) -> Group:
        """The loans of which `chosen` says so, given the month and whether the key is among the test set's."""
        empty = np.zeros(2 + len(FIELDS), np.int64)
        counts = sum((counts for (month, mark), counts in self._counts.items() if chosen(month, mark)), empty)
        return Group(int(counts[0]), int(counts[1]), counts[2:])

    def months(self) -> list[float]:
        """The months in which loans were granted, sorted."""
        return sorted({month for month, _ in self._counts if month != NO_MONTH})


def _filled(loans: Loans) -> npt.NDArray[np.bool_]:
    """Which of `FIELDS` (n, f) each loan has, as a model sees them: without a month of issue nothing has an age."""
    filled: npt.NDArray[np.bool_] = ~np.isnan(loans["values"])
    filled[:, _HISTORY] &= filled[:, _ISSUED]
    return filled


def months(loans: Loans) -> npt.NDArray[np.float64]:
    """The month of issue (n,); `NO_MONTH` where it is missing."""
    values: npt.NDArray[np.float64] = loans["values"][:, _ISSUED]
    return np.nan_to_num(values, nan=NO_MONTH)


def marked(loans: Loans) -> npt.NDArray[np.bool_]:
    """Whether each key (n,) is among the test set's share of all keys."""
    chosen: npt.NDArray[np.bool_] = loans["key"] < _LAST_TEST_KEY
    return chosen
