"""Steps as they are done in; a line with rate and time left, and the share of time spent waiting for data, out."""

from time import monotonic, perf_counter

EVERY_SECONDS = 0.5


class Meter:
    """Measures one stretch of training, from its first step to its last."""

    def __init__(self, done: int, total: int) -> None:
        self._from, self._total = done, total
        self._began = perf_counter()
        self._next = monotonic()
        self._examples = 0

    def add(self, examples: int) -> None:
        """A step on so many examples is done."""
        self._examples += examples

    @property
    def due(self) -> bool:
        """Whether it is time for another line."""
        if monotonic() < self._next:
            return False
        self._next = monotonic() + EVERY_SECONDS
        return True

    @property
    def seconds(self) -> float:
        """Since the stretch began."""
        return perf_counter() - self._began

    @property
    def rate(self) -> float:
        """Examples a second."""
        return self._examples / max(self.seconds, 1e-9)

    def line(self, done: int) -> str:
        """`1,234 examples/s, 2:05 left`, after step number `done`."""
        left = self.seconds / max(done - self._from, 1) * (self._total - done)
        return f"{self.rate:,.0f} examples/s, {_clock(left)} left"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
