"""Blocks of cells in; settled loans as records, with what was set aside and what could not be read counted, out."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import compress

import numpy as np
import numpy.typing as npt

from headrace.workload import BadData

from .cleaning import MISSING, Reader, reader
from .schema import FIELDS, LABEL, SETTLED
from .sources import Cells

LOAN = np.dtype([("key", np.uint64), ("label", np.int8), ("values", np.float64, len(FIELDS))])
"""A settled loan: a hash of its content, 1 for a charge-off, and `FIELDS` with NaN for missing, codes and months."""

Loans = npt.NDArray[np.void]

_MANY = 20


class Cleaner:
    """Counts over all blocks that it cleaned: loans not `settled` yet, and `unreadable` values taken as missing."""

    def __init__(self) -> None:
        self.unsettled: Counter[str] = Counter()
        self.unreadable: Counter[str] = Counter()
        self._readers = [(place, field.name, reader(field)) for place, field in enumerate(FIELDS)]

    def clean(self, cells: Cells) -> Loans:
        """The settled loans of a block."""
        statuses = ["" if status is None else str(status) for status in cells[LABEL]]
        labels = [_label(status) for status in statuses]
        settled = [label is not None for label in labels]
        loans = np.empty(sum(settled), LOAN)
        loans["label"] = list(compress(labels, settled))
        loans["values"] = MISSING
        for place, name, read in self._readers:
            if name in cells:
                loans["values"][:, place] = self._column(name, read, list(compress(cells[name], settled)))
        loans["key"] = _keys(loans["values"])
        for status, label in zip(statuses, labels, strict=True):
            if label is None:
                self._leave(status.strip())
        return loans

    def _column(self, name: str, read: Reader, cells: Sequence[object]) -> list[float]:
        """The cells as numbers; each that occurs is read once, for most occur often."""
        values: dict[object, float] = {}
        for cell, times in Counter(cells).items():
            try:
                values[cell] = read(cell)
            except BadData:
                values[cell] = MISSING
                self.unreadable[name] += times
        return [values[cell] for cell in cells]

    def _leave(self, status: str) -> None:
        known = status in self.unsettled or len(self.unsettled) < _MANY
        self.unsettled[(status[:40] or "empty") if known else "others"] += 1


@lru_cache(maxsize=4096)
def _label(status: str) -> int | None:
    return SETTLED.get(status.strip().casefold())


def _keys(values: npt.NDArray[np.float64]) -> npt.NDArray[np.uint64]:
    """A hash of each row (n,)."""
    rows, size = np.ascontiguousarray(values).tobytes(), values.shape[1] * values.itemsize
    digests = b"".join(blake2b(rows[at : at + size], digest_size=8).digest() for at in range(0, len(rows), size))
    return np.frombuffer(digests, ">u8").astype(np.uint64)
