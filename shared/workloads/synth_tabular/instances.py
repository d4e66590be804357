"""The rows of a split in; the same as a client would send them, spelled when they are looked at, out."""

from collections.abc import Sequence
from typing import Any, overload

from headrace.workload import Instance

from .dataset import Rows

_CHUNK = 1024


class Instances(Sequence[Instance]):
    """Rows as mappings of names to numbers; what is missing is left out.

    They are spelled some at a time, and the last of them are kept, for whoever goes through them in order.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._first, self._chunk = 0, list[dict[str, Any]]()

    def __len__(self) -> int:
        return len(self._rows.y)

    @overload
    def __getitem__(self, place: int) -> Instance: ...
    @overload
    def __getitem__(self, place: slice) -> list[Instance]: ...
    def __getitem__(self, place: int | slice) -> Instance | list[Instance]:
        if isinstance(place, slice):
            return [*self._spelled(place)]
        place = range(len(self))[place]
        if not 0 <= place - self._first < len(self._chunk):
            self._first = place - place % _CHUNK
            self._chunk = self._spelled(slice(self._first, self._first + _CHUNK))
        return self._chunk[place - self._first]

    def _spelled(self, places: slice) -> list[dict[str, Any]]:
        names = self._rows.features
        rows = self._rows.x[places].tolist()
        return [{name: value for name, value in zip(names, row, strict=True) if value == value} for row in rows]
