"""Loans in; which of them are the frozen test set, and the rule in words, out."""

import numpy as np
import numpy.typing as npt

from .cleaning import month_name
from .schema import ISSUED
from .table import Table

TEST_SHARE = 0.225
_SHARES = (0.1, 0.35)
"""A split by month that leaves a share outside these bounds says too little about the future, or wastes the past."""

Chosen = npt.NDArray[np.bool_]


def test_rows(table: Table, keys: npt.NDArray[np.uint64]) -> tuple[Chosen, str]:
    """The test rows (n,): the latest months where there are enough, else the rows whose key says so."""
    months = table.column(ISSUED.name)
    latest = _latest(months)
    if latest is not None and _usable(latest, table):
        first, last = (month_name(month) for month in (months[latest].min(), months[latest].max()))
        return latest, f"tested on the loans granted from {first} to {last}, trained on those before"
    by_key = keys < np.uint64(int(TEST_SHARE * 2**64))
    why = "there is no issue_d" if ISSUED.name not in table.columns else "issue_d spans too few months"
    return by_key, f"split by a hash of each loan, as {why}"


def _latest(months: npt.NDArray[np.float64]) -> Chosen | None:
    """The rows from the month on that leaves nearest to the test share; rows without a month are never among them."""
    distinct, counts = np.unique(months[~np.isnan(months)], return_counts=True)
    if len(distinct) < 2:
        return None
    shares = counts[::-1].cumsum()[::-1] / len(months)
    chosen: Chosen = months >= distinct[np.abs(shares - TEST_SHARE).argmin()]
    return chosen


def _usable(chosen: Chosen, table: Table) -> bool:
    share, labels = chosen.mean(), table.labels
    return bool(_SHARES[0] <= share <= _SHARES[1]) and len(np.unique(labels[chosen])) == len(np.unique(labels[~chosen]))
