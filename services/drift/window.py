"""The prediction log in; one window of it, counted in a single pass and in bounded memory, out."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from headrace.drift import Profile, Window
from headrace.ports import Objects, Stat
from headrace.workload import Instance
from services.drift.counting import Counted, Counter, Labels
from services.drift.known import Known
from services.drift.labels import PREDICTIONS
from services.drift.reading import counting
from services.drift.sample import Sample

MOST_LABELLED = 20_000
"""So many rows whose truth is known are kept: the newest."""


@dataclass(slots=True)
class Seen:
    """What a version answered, in the objects after `after` up to and including `until`."""

    after: str
    until: str
    windows: Mapping[str, Window]
    rows: int = 0
    sample: Sample = field(default_factory=lambda: Sample(0))
    labelled: deque[tuple[Instance, str]] = field(default_factory=lambda: deque(maxlen=MOST_LABELLED))

    def take(self, counted: Counted) -> None:
        """Add one more object."""
        self.rows += counted.rows
        self.sample.merge(counted.sample)
        self.labelled.extend(counted.labelled)
        for part, counts in counted.counts.items():
            if counts:
                self.windows[part].merge(counts, counted.rows)


def objects(audit: Objects, after: str, until: str | None = None) -> list[Stat]:
    """The objects of the prediction log after the one named, up to and including `until`."""
    return [
        stat
        for stat in audit.list(PREDICTIONS, after=after or None)
        if stat.name > after and (until is None or stat.name <= until)
    ]


def read(audit: Objects, found: Sequence[Stat], after: str, counter: Counter) -> Seen:
    """Count every answer in the objects `found`, once: what an object tells again is counted without it."""
    seen = Seen(after, found[-1].name if found else after, counter.profile.windows())
    known = Known()
    with counting(audit, counter, found) as (parts, again):
        for name, counted in parts:
            repeated = known.again(counted.told)
            if repeated:
                counted = again(name, repeated)
            known.add(counted.told)
            seen.take(counted)
    return seen


def labelled(
    audit: Objects, workload: str, version: int, known: Labels, bounds: tuple[str, str]
) -> list[tuple[Instance, str]]:
    """The rows after the first object of `bounds` and up to the second whose truth is `known`."""
    counter = Counter(workload, version, Profile({}), known)
    return list(read(audit, objects(audit, *bounds), bounds[0], counter).labelled)
