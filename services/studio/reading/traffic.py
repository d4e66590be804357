"""The prediction log of a period in; about how many requests came, of which workload, and when, out.

Objects are listed, which is cheap, and only a few are read: lines are as long in the others as in those.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from headrace import catalogue, loading
from headrace.ports import Objects, Stat

PREFIX = "predictions/"
SAMPLE, SAMPLE_BYTES = 16, 1 << 20
"""Objects that are read, and how much of each at most."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """`requests` by workload; `objects` of the log hold `size` bytes, of which `read` were read."""

    requests: Mapping[str, float]
    moments: Sequence[datetime]
    objects: int
    size: int
    read: int

    @property
    def total(self) -> float:
        """Requests of all workloads."""
        return sum(self.requests.values())

    @property
    def is_counted(self) -> bool:
        """Whether every line was read, so that nothing is estimated but for a workload that logs only a share."""
        return self.read >= self.size


def of(trail: Objects, since: datetime) -> Traffic:
    """What was answered since then, as far as it was logged."""
    found = list(trail.list(PREFIX, after=f"{PREFIX}{since.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"))
    size = sum(stat.size for stat in found)
    with ThreadPoolExecutor(SAMPLE) as threads:
        parts = list(threads.map(lambda stat: _whole_lines(trail.read(stat.name, SAMPLE_BYTES)), _sample(found)))
    read = sum(len(part) for part in parts)
    counted = sum((_requests(part) for part in parts), Counter[str]())
    scale = size / read if read else 0.0
    requests = {name: count * scale / _logged(name) for name, count in sorted(counted.items())}
    return Traffic(requests, [at for stat in found if (at := _moment(stat))], len(found), size, read)


def _sample(found: Sequence[Stat]) -> list[Stat]:
    """From the whole period, evenly."""
    step = max(1.0, len(found) / SAMPLE)
    return [found[int(number * step)] for number in range(min(SAMPLE, len(found)))]


def _whole_lines(part: bytes) -> bytes:
    return part if len(part) < SAMPLE_BYTES else part[: part.rfind(b"\n") + 1]


def _requests(part: bytes) -> Counter[str]:
    """By workload. What a shadow was asked is no request."""
    found: Counter[str] = Counter()
    for line in part.splitlines():
        with suppress(ValueError, KeyError, TypeError):
            entry = json.loads(line)
            workload = str(entry["workload"])
            if not entry.get("shadow"):
                found[workload] += 1
    return found


def _logged(workload: str) -> float:
    """The share of the requests that its service logs."""
    share = catalogue.describe(workload).serving.log_share if workload in loading.names() else 1.0
    return share or 1.0


def _moment(stat: Stat) -> datetime | None:
    """When an object was begun, which its name says."""
    try:
        return datetime.fromisoformat(stat.name.removeprefix(PREFIX).split("_")[0][:19]).replace(tzinfo=UTC)
    except ValueError:
        return None
