"""Feedback in; what it adds up to since the process started out."""

from collections import Counter, OrderedDict
from datetime import datetime
from typing import Any, NamedTuple

from services.inference.telling.feedback import Feedback
from services.inference.telling.memory import Memory

MOST_ROWS = 4096
MOST_LABELS = 200
OTHERS = "(others)"
"""Under which labels are counted once there are `MOST_LABELS` different ones."""


class _Counted(NamedTuple):
    """What one row's feedback says by now, and how it was counted: under which label, against which version."""

    says: dict[str, Any]
    label: str | None
    version: int | None
    agrees: bool


class Tally:
    """One workload's feedback in this process.

    The last `MOST_ROWS` rows are known one by one: what is said of them again counts once, what is said anew replaces
    what was said before. A row forgotten since counts as another.
    """

    def __init__(self, memory: Memory, since: datetime) -> None:
        self._memory, self._since = memory, since
        self._rows: OrderedDict[tuple[str, int], _Counted] = OrderedDict()
        self._total = self._repeated = self._changed = self._comments = 0
        self._labels: Counter[str] = Counter()
        self._ratings: Counter[int] = Counter()
        self._compared: Counter[int] = Counter()
        self._agreed: Counter[int] = Counter()

    def count(self, said: Feedback) -> None:
        """Take one row's feedback."""
        key = (said.request_id, said.index)
        before = self._rows.pop(key, None)
        says = {**(before.says if before else {}), **said.says}
        if before and says == before.says:
            self._rows[key] = before
            self._repeated += 1
            return
        if before:
            self._changed += 1
            self._add(before, -1)
        self._rows[key] = counted = self._counted(key, says)
        self._add(counted, 1)
        if len(self._rows) > MOST_ROWS:
            self._rows.popitem(last=False)

    def stats(self) -> dict[str, Any]:
        """Counts, labels by value, the mean of ratings, and how often the answers remembered here were right."""
        ratings = sum(self._ratings.values())
        mean = sum(rating * count for rating, count in self._ratings.items()) / ratings if ratings else None
        return {
            "since": self._since,
            "scope": "this instance of the service, since it started",
            "rows": self._total,
            "repeated": self._repeated,
            "changed": self._changed,
            "labels": dict(+self._labels),
            "ratings": {"count": ratings, "mean": mean and round(mean, 4), "values": dict(+self._ratings)},
            "comments": self._comments,
            "agreement": _agreement(sum(self._compared.values()), sum(self._agreed.values()))
            | {"versions": {version: _agreement(n, self._agreed[version]) for version, n in (+self._compared).items()}},
        }

    def _counted(self, key: tuple[str, int], says: dict[str, Any]) -> _Counted:
        label = says.get("label")
        if label is None:
            return _Counted(says, None, None, False)
        known = label in self._labels or len(self._labels) < MOST_LABELS
        version, predicted = self._memory.label(*key) or (None, None)
        return _Counted(says, label if known else OTHERS, version, predicted == label)

    def _add(self, counted: _Counted, sign: int) -> None:
        self._total += sign
        self._comments += sign * ("comment" in counted.says)
        if "rating" in counted.says:
            self._ratings[counted.says["rating"]] += sign
        if counted.label is not None:
            self._labels[counted.label] += sign
        if counted.version is not None:
            self._compared[counted.version] += sign
            self._agreed[counted.version] += sign * counted.agrees


def _agreement(compared: int, agreed: int) -> dict[str, Any]:
    return {"compared": compared, "agreed": agreed, "share": round(agreed / compared, 4) if compared else None}
