"""How many rows came in how many hours in; whether that is unlike the windows before, out."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

LEAST_WINDOWS, MOST_WINDOWS = 5, 48
LEAST_HOURS = 0.25
BEYOND = 3
"""So many times more or less than any window before is unlike them."""


class Volume(NamedTuple):
    """A window's rows, and the hours in which they came."""

    rows: int
    hours: float

    @classmethod
    def of(cls, rows: int, took: timedelta) -> "Volume":
        """A window's, as it is kept."""
        return cls(rows, round(took / timedelta(hours=1), 3))

    @property
    def rate(self) -> float:
        """Rows an hour."""
        return round(self.rows / max(self.hours, LEAST_HOURS), 2)


def unlike(now: Volume, before: Sequence[Volume], complete: bool) -> str | None:
    """In words, how a window differs from those before, if it does; one that is not `complete` may still fill."""
    if len(before) < LEAST_WINDOWS or now.hours < LEAST_HOURS:
        return None
    rates, longest = [each.rate for each in before], max(each.hours for each in before)
    usual = f"the last {len(before)} windows had {min(rates):g} to {max(rates):g} rows an hour"
    too_many = now.rate > BEYOND * max(rates)
    too_few = now.rate * BEYOND < min(rates) and (complete or now.hours > BEYOND * longest)
    return f"{now.rows} rows came in {now.hours:g} hours, where {usual}" if too_many or too_few else None


def remembered(now: Volume, before: Sequence[Volume]) -> tuple[Volume, ...]:
    """What the next window is held against."""
    kept = [*before, now] if now.hours >= LEAST_HOURS else before
    return tuple(kept)[-MOST_WINDOWS:]
