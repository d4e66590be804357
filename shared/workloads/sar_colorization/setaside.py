"""Files that cannot be used in, by the reason; sentences that count and name them, out."""

from collections import defaultdict
from collections.abc import Iterable

_SHOWN = 5


class SetAside:
    """What of a dataset is not learned from."""

    def __init__(self) -> None:
        self._names: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, reason: str, names: Iterable[str]) -> None:
        """Count `names` under `reason`, which is written to follow "3 files "."""
        self._names[reason] += names

    def count(self, reason: str) -> int:
        """How many there are for `reason`."""
        return len(self._names[reason])

    def notes(self) -> list[str]:
        """A sentence a reason, with the first few names."""
        return [
            f"{len(names):,} set aside: {reason} ({_few(sorted(names))})"
            for reason, names in sorted(self._names.items())
            if names
        ]


def _few(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
