"""Lines in, one at a time; lists of them, for which somebody waited, out; never more than a bound in between."""

from collections import Counter, deque
from threading import Event, Lock
from typing import Protocol

MOST_LINES = 10_000
MOST_BYTES = 16 << 20
BATCH_BYTES = 2_000_000
BATCH_SECONDS = 0.25
"""What is taken together: a call of the bus costs the threads that answer more than its lines do."""


class Line(Protocol):
    """Something to be told later."""

    @property
    def workload(self) -> str:
        """Whose line it is."""

    @property
    def size(self) -> int:
        """About how many bytes it holds in memory."""

    def encode(self) -> bytes:
        """The line, without its newline. Raises what keeps it from being told."""


class Backlog:
    """What waits to be told. Beyond the bound the oldest lines are dropped, and counted by workload."""

    def __init__(self) -> None:
        self.dropped = Counter[str]()
        self._lines: deque[Line] = deque()
        self._bytes = 0
        self._lock = Lock()
        self._some, self._enough = Event(), Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def crowded(self) -> bool:
        """Whether half of what may wait does."""
        return len(self._lines) > MOST_LINES // 2 or self._bytes > MOST_BYTES // 2

    def put(self, line: Line) -> None:
        """Take the line; returns at once."""
        with self._lock:
            self._lines.append(line)
            self._bytes += line.size
            while len(self._lines) > MOST_LINES or self._bytes > MOST_BYTES:
                oldest = self._lines.popleft()
                self._bytes -= oldest.size
                self.dropped[oldest.workload] += 1
            if not self._some.is_set():
                self._some.set()
            if self._bytes >= BATCH_BYTES and not self._enough.is_set():
                self._enough.set()

    def take(self) -> list[Line]:
        """Wait for a line and a moment for others, then take a batch; an empty one once all is taken and closed."""
        self._some.wait()
        self._enough.wait(BATCH_SECONDS)
        with self._lock:
            taken, size = [], 0
            while self._lines and size < BATCH_BYTES:
                line = self._lines.popleft()
                taken.append(line)
                size += line.size
            self._bytes -= size
            self._rest()
        return taken

    def close(self) -> None:
        """Nobody waits from here on."""
        with self._lock:
            self._closed = True
            self._rest()

    def _rest(self) -> None:
        for event, goes_on in ((self._some, bool(self._lines)), (self._enough, self._bytes >= BATCH_BYTES)):
            if self._closed or goes_on:
                event.set()
            else:
                event.clear()
