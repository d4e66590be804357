"""Rows as they are read, a part at a time, in; their counts on a reference's grids, which add up, out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from headrace.drift.columns import Counts
from headrace.drift.reference import Reference
from headrace.workload import Arrays


@dataclass(slots=True)
class Window:
    """So many rows, counted. What the reference has no column for is not looked at."""

    reference: Reference
    rows: int = 0
    counts: dict[str, Counts] = field(default_factory=dict)

    def add(self, columns: Arrays, rows: int) -> None:
        """Count so many more rows; a column that is not there is missing in all of them."""
        self.merge({name: self._counted(name, columns, rows) for name in self.reference.grids}, rows)

    def merge(self, counts: Mapping[str, Counts], rows: int) -> None:
        """Add so many rows that were counted elsewhere on the same grids."""
        self.rows += rows
        for name, more in counts.items():
            self.counts[name] = self.counts.get(name, np.zeros_like(more)) + more

    def _counted(self, name: str, columns: Arrays, rows: int) -> Counts:
        if name in columns:
            return self.reference.count(name, columns[name])
        missing = np.zeros(self.reference.grids[name].bins, np.int64)
        missing[-1] = rows
        return missing
