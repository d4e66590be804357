"""A reference and a window in; which columns drifted, how, how far, and by how small a chance, out."""

from collections.abc import Iterator
from dataclasses import dataclass

from headrace.profiles.calibration import threshold
from headrace.profiles.reference import Reference
from headrace.profiles.surprise import surprises
from headrace.profiles.window import Window

WORDS = {
    "shape": "its values are distributed otherwise",
    "part": "one range or category of it is more or less frequent",
    "missing": "it is missing more or less often",
    "unknown": "it holds values that the reference never had",
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """What differs in a column: the chance of it without drift, and the share of rows that moved."""

    column: str
    what: str
    chance: float
    change: float

    @property
    def words(self) -> str:
        """For people."""
        return f"{self.column}: {WORDS[self.what]} ({self.change:.1%} of rows; by chance {self.chance:.1g})"


def judged(reference: Reference, window: Window, false_alarms: float, least_change: float) -> list[Alarm]:
    """The column's strongest alarm each, strongest first.

    Of windows without drift a share `false_alarms` raises any at all, in whatever column. What moves less than the
    share `least_change` of the rows is no alarm, however certain it is.
    """
    bound = threshold(reference.thresholds, max(window.rows, 1), false_alarms)
    alarms = [alarm for alarm in _found(reference, window) if alarm.chance < bound and alarm.change >= least_change]
    strongest = {alarm.column: alarm for alarm in sorted(alarms, key=lambda alarm: (-alarm.chance, alarm.change))}
    return sorted(strongest.values(), key=lambda alarm: (alarm.chance, -alarm.change))


def _found(reference: Reference, window: Window) -> Iterator[Alarm]:
    for name, counts in window.counts.items():
        for what, each in surprises(reference.grids[name], reference.counts[name], counts).items():
            yield Alarm(name, what, float(each.chance), float(each.change))
