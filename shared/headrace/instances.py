"""Rows that are kept as arrays in; the instances that clients would send, spelled when they are looked at, out."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from typing import Self, overload

import numpy as np
import numpy.typing as npt

from headrace.workload import Instance

CHUNK = 1024


class Spelled(Sequence[Instance]):
    """`count` instances, of which `spell` makes some at a time.

    The last `chunk` of them are kept, for whoever goes through them in order.
    """

    def __init__(self, count: int, spell: Callable[[slice], Sequence[Instance]], chunk: int = CHUNK) -> None:
        self._count, self._spell, self._chunk = count, spell, chunk
        self._first: int = 0
        self._kept: Sequence[Instance] = ()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Instance: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Instance]: ...
    def __getitem__(self, place: int | slice) -> Instance | Sequence[Instance]:
        if isinstance(place, slice):
            return self._spell(place)
        place = range(self._count)[place]
        if not 0 <= place - self._first < len(self._kept):
            self._first = place - place % self._chunk
            self._kept = self._spell(slice(self._first, self._first + self._chunk))
        return self._kept[place - self._first]


class Table(Spelled):
    """Rows of numbers under `names`: `values` (n, names), NaN where one is missing, which is left out when spelled."""

    def __init__(self, names: Sequence[str], values: npt.NDArray[np.floating]) -> None:
        super().__init__(len(values), partial(_spelled, names, values))  # not a method: that would be a cycle
        self.names, self.values = tuple(names), values

    @classmethod
    def of(cls, names: Sequence[str], rows: Iterable[tuple[float, ...]], count: int) -> Self:
        """Of `count` rows, each with a number a name."""
        numbers = np.fromiter(chain.from_iterable(rows), np.float64, count * len(names))
        return cls(names, numbers.reshape(count, len(names)))

    def columns(self) -> dict[str, npt.NDArray[np.float64]]:
        """Each name's numbers (n,)."""
        return dict(zip(self.names, np.ascontiguousarray(self.values.T, np.float64), strict=True))


def _spelled(names: Sequence[str], values: npt.NDArray[np.floating], places: slice) -> list[Instance]:
    rows = values[places].tolist()
    return [{name: value for name, value in zip(names, row, strict=True) if value == value} for row in rows]


def joined(parts: Sequence[Sequence[Instance]]) -> Sequence[Instance]:
    """One part after the other; tables of the same names are a table."""
    tables = [part for part in parts if isinstance(part, Table)]
    if parts and len(tables) == len(parts) and len({table.names for table in tables}) == 1:
        return Table(tables[0].names, np.concatenate([table.values for table in tables]))
    return [*chain.from_iterable(parts)]
