"""A reference and a window in; which columns drifted, how, how far, and by how small a chance, out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headrace.drift.calibration import threshold
from headrace.drift.reference import Reference
from headrace.drift.surprise import surprises
from headrace.drift.window import Window

WORDS = {
    "shape": "its values are distributed otherwise",
    "part": "one range or category of it is more or less frequent",
    "missing": "it is missing more often",
    "filled": "it is missing less often",
    "unknown": "it holds values beyond those that the reference had",
    "between": "it holds values between the few that the reference had",
}

MOST = 0.5
"""Where so much of what moved is missing or unknown, the data may be broken."""

_QUALITY = frozenset({"missing", "unknown"})


@dataclass(frozen=True, slots=True)
class Alarm:
    """What differs in a column: the chance of it without drift, and the share of rows that moved."""

    column: str
    what: str
    chance: float
    change: float

    @property
    def is_quality(self) -> bool:
        """Whether the data may be broken, and not the world have changed."""
        return self.what in _QUALITY

    @property
    def words(self) -> str:
        """For people."""
        return f"{self.column}: {WORDS[self.what]} ({self.change:.1%} of rows; by chance {self.chance:.1g})"


def judged(reference: Reference, window: Window, false_alarms: float, least_change: float) -> list[Alarm]:
    """An alarm for each column that has any, strongest first: of what may be broken where that is most of what moved.

    Of windows without drift a share `false_alarms` raises any at all, in whatever column. What moves less than the
    share `least_change` of the rows is no alarm, however certain it is.
    """
    bound = threshold(reference.thresholds, max(window.rows, 1), false_alarms)
    alarms = [alarm for alarm in _found(reference, window) if alarm.chance < bound and alarm.change >= least_change]
    columns = {alarm.column: [each for each in alarms if each.column == alarm.column] for alarm in alarms}
    return sorted(map(_strongest, columns.values()), key=lambda alarm: (alarm.chance, -alarm.change))


@dataclass(frozen=True, slots=True)
class Watched:
    """What differs most in a column, whether that is an alarm or not, and the `bound` below which a chance is one."""

    most: Alarm
    bound: float
    is_alarm: bool


def watched(reference: Reference, window: Window, false_alarms: float, least_change: float) -> list[Watched]:
    """Every column of the window, most surprising first, by the rule of `judged`."""
    bound = threshold(reference.thresholds, max(window.rows, 1), false_alarms)
    alarms = {alarm.column: alarm for alarm in judged(reference, window, false_alarms, least_change)}
    found: dict[str, list[Alarm]] = {}
    for each in _found(reference, window):
        found.setdefault(each.column, []).append(each)
    listed = [Watched(alarms.get(column, _strongest(each)), bound, column in alarms) for column, each in found.items()]
    return sorted(listed, key=lambda each: (each.most.chance, -each.most.change))


def _strongest(alarms: Sequence[Alarm]) -> Alarm:
    """Of one column's."""
    strongest = min(alarms, key=lambda alarm: (alarm.chance, -alarm.change))
    broken = max((alarm for alarm in alarms if alarm.is_quality), key=lambda alarm: alarm.change, default=strongest)
    return broken if broken.change >= MOST * strongest.change else strongest


def _found(reference: Reference, window: Window) -> Iterator[Alarm]:
    for name, counts in window.counts.items():
        ours = reference.counts[name]
        filled = counts[-1] * ours.sum() < ours[-1] * counts.sum()
        for kind, each in surprises(reference.grids[name], ours, counts).items():
            what = "filled" if kind == "missing" and filled else kind
            yield Alarm(name, what, float(each.chance), float(each.change))
