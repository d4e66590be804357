"""Counts of loans in; which of them are the frozen test set, and the rule in words, out."""

from dataclasses import dataclass
from typing import Any

from .census import TEST_SHARE, Census, Group
from .cleaning import month_name

_SHARES = (0.1, 0.35)
"""A split by month that leaves a share outside these bounds says too little about the future, or wastes the past."""


@dataclass(frozen=True, slots=True)
class Split:
    """The test rows are those from the month `since` on; without one, those whose key says so."""

    since: float | None
    words: str

    def test(self, month: Any, mark: Any) -> Any:
        """Whether loans, given by month and by mark of their key, one or arrays of both, are test rows."""
        return mark if self.since is None else month >= self.since

    def train(self, month: Any, mark: Any) -> Any:
        """The other loans."""
        return self.test(month, mark) ^ True


def choose(census: Census) -> Split:
    """By the latest months where there are enough, else by key."""
    split = _by_month(census)
    if split is not None and _usable(census.group(split.train), census.group(split.test)):
        return split
    why = "issue_d spans too few months" if census.months() else "there is no issue_d"
    return Split(None, f"split by a hash of each loan, as {why}")


def _by_month(census: Census) -> Split | None:
    """From the month on that leaves nearest to the test share; rows without a month are never among them."""
    months = census.months()
    if len(months) < 2:
        return None
    total = census.group(lambda *_: True).loans

    def distance(since: float) -> float:
        return abs(census.group(lambda month, _: month >= since).loans / total - TEST_SHARE)

    since = min(months, key=distance)
    first, last = month_name(since), month_name(months[-1])
    return Split(since, f"tested on the loans granted from {first} to {last}, trained on those before")


def _usable(train: Group, test: Group) -> bool:
    share = test.loans / (train.loans + test.loans)
    return _SHARES[0] <= share <= _SHARES[1] and all((train.paid, train.charged_off, test.paid, test.charged_off))
