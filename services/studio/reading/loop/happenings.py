"""The audit bucket in; the facts of a period out, each exported object read once however often somebody looks."""

from datetime import datetime

from headrace.ports import Objects
from headrace.records import audit
from headrace.records.audit import Recorded

MOST = 200
"""Of each topic so many objects are read at most, the newest; one holds what was told within a minute or so."""

REMEMBERED = 5000


class Memory:
    """What exported objects say, by their names: they never change. It forgets those that it has known longest."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._known: dict[str, list[Recorded]] = {}
        self._most = most

    def read(self, bucket: Objects, name: str) -> list[Recorded]:
        """As `audit.read` does it."""
        uri = bucket.uri(name)
        if uri not in self._known:
            self._known[uri] = audit.read(bucket, name)
            for oldest in list(self._known)[: len(self._known) - self._most]:
                self._known.pop(oldest, None)
        return self._known[uri]


def happened(bucket: Objects, since: datetime, memory: Memory) -> list[Recorded]:
    """Every fact since then, oldest first."""
    return audit.happened(bucket, since, most=MOST, read=memory.read)


def is_flowing(bucket: Objects, stream: str, since: datetime) -> bool:
    """Whether anything came through a stream since then."""
    return any(True for _ in bucket.list(f"{stream}/", after=f"{stream}/{since:%Y-%m-%dT%H:%M:%S}"))
