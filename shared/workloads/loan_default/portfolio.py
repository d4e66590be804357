"""Files of loans in; the settled ones by key, and what was counted and set aside, out."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from headrace.workload import BadData, Dataset

from .census import Census
from .cleaner import Cleaner
from .header import Header
from .sorting import Sorter
from .sources import ENDINGS, opened

MIN_ROWS = 200
MIN_OF_EACH = 20
MAX_UNREADABLE = 0.5
"""A column with more cells than this that mean nothing is refused, not guessed at."""


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The loans of all files, and what reading them came across."""

    loans: Sorter
    census: Census = field(default_factory=Census)
    cleaner: Cleaner = field(default_factory=Cleaner)
    bad: Counter[str] = field(default_factory=Counter)
    headers: list[Header] = field(default_factory=list)

    def read(self, path: Path) -> None:
        """Add every settled loan of one file."""
        with opened(path) as source:
            for cells in source.blocks():
                loans = self.cleaner.clean(cells)
                self.census.add(loans)
                self.loans.add(loans)
            self.bad.update(source.bad)
            self.headers.append(source.header)

    def check(self) -> None:
        """Raises BadData when no honest model can come of the loans."""
        everything = self.census.group(lambda *_: True)
        rows, charged_off = everything.loans, everything.charged_off
        if not rows:
            others = ", ".join(status for status, _ in self.cleaner.unsettled.most_common(5))
            raise BadData(
                f"no loan is settled: loan_status is {others or 'never given'}; a model learns from loans that are "
                '"Fully Paid" or "Charged Off"'
            )
        if not 0 < charged_off < rows:
            which = "charged off" if charged_off else "paid back"
            raise BadData(f"all {rows:,} settled loans were {which}; a model needs both kinds")
        if rows < MIN_ROWS or min(charged_off, rows - charged_off) < MIN_OF_EACH:
            raise BadData(
                f"{rows:,} settled loans, {charged_off:,} of them charged off, are too few; "
                f"upload at least {MIN_ROWS}, {MIN_OF_EACH} of each kind"
            )
        for name, count in self.cleaner.unreadable.items():
            if count > MAX_UNREADABLE * rows:
                raise BadData(
                    f"{count:,} of {rows:,} values of {name} cannot be read; correct the column or leave it out"
                )


def read(dataset: Dataset, scratch: IO[bytes]) -> Portfolio:
    """Every settled loan in the files of `dataset`, sorted by way of the file `scratch`. Raises BadData."""
    portfolio = Portfolio(Sorter(scratch))
    for name in dataset.names:
        if name.endswith(ENDINGS):
            portfolio.read(dataset.path(name))
    if not portfolio.headers:
        raise BadData(f"the dataset holds no {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]} file; upload one")
    portfolio.check()
    return portfolio
