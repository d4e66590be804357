"""Rows as they are read, a part at a time, in; their counts on a reference's grids, which add up, out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from headrace.profiles.columns import Counts
from headrace.profiles.reference import Reference
from headrace.workload import Arrays


@dataclass(slots=True)
class Window:
    """So many rows, counted. What the reference has no column for is not looked at."""

    reference: Reference
    rows: int = 0
    counts: dict[str, Counts] = field(default_factory=dict)

    def add(self, columns: Arrays) -> None:
        """Count some more rows."""
        self.rows += len(next(iter(columns.values())))
        self.merge(
            {name: self.reference.count(name, columns[name]) for name in self.reference.grids if name in columns}
        )

    def merge(self, counts: Mapping[str, Counts]) -> None:
        """Add what was counted elsewhere on the same grids."""
        for name, more in counts.items():
            self.counts[name] = self.counts.get(name, np.zeros_like(more)) + more
