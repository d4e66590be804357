"""What happens to a workload's requests in; counts and histograms of it out."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.inference.telling.exposition import Sample

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
PROBES = frozenset({"health", "ready", "ping", "live", "server", "version", "metrics"})
"""What machines ask to see whether anybody is there."""
MOST_LABELS = 200
OTHERS = "(others)"
"""Under which labels are counted once there are `MOST_LABELS` different ones."""


class Histogram:
    """How many values were at most each of `bounds`."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds, self._counts, self._sum = bounds, [0] * (len(bounds) + 1), 0.0

    def observe(self, value: float) -> None:
        """Count one."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def samples(self, labels: Mapping[str, object]) -> Iterator[Sample]:
        """The count up to each bound, the sum and the count."""
        total = 0
        for bound, count in zip((*self._bounds, "+Inf"), self._counts, strict=True):
            total += count
            yield "_bucket", {**labels, "le": bound}, total
        yield "_sum", labels, self._sum
        yield "_count", labels, total


class Meter:
    """What one workload did since the process started."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.seconds: dict[str, Histogram] = {}
        self.batches = Histogram(ROWS)
        self.labels: Counter[tuple[int, str]] = Counter()

    def answered(self, api: str, status: int, seconds: float) -> None:
        """A request got its answer."""
        self.statuses[api, status] += 1
        histogram = self.seconds.get(api)
        if histogram is None:
            histogram = self.seconds[api] = Histogram(SECONDS)
        histogram.observe(seconds)

    @property
    def asked(self) -> int:
        """Answers so far, but for those to probes."""
        return sum(count for (api, _), count in self.statuses.items() if api not in PROBES)

    def called(self, rows: int) -> None:
        """The model was called with so many rows."""
        self.batches.observe(rows)

    def predicted(self, version: int, predictions: Iterable[Mapping[str, Any]]) -> None:
        """A version's answers; those that have a `label` are counted by it."""
        for prediction in predictions:
            label = prediction.get("label")
            if label is not None:
                key = (version, str(label))
                known = key in self.labels or len(self.labels) < MOST_LABELS
                self.labels[key if known else (version, OTHERS)] += 1
