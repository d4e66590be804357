"""The prediction log in; one window of it, counted in a single pass and in bounded memory, out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from headrace.drift import Window
from headrace.ports import Objects, Stat
from services.drift import keys
from services.drift.counting import Counted, Counter
from services.drift.keys import Keys
from services.drift.known import Known
from services.drift.reading import counting
from services.drift.sample import Sample

PREDICTIONS = "predictions/"


@dataclass(slots=True)
class Seen:
    """What a version answered, in the objects after `after` up to and including `until`.

    `requests` are the keys of those that each object tells of.
    """

    after: str
    until: str
    windows: Mapping[str, Window]
    rows: int = 0
    sample: Sample = field(default_factory=lambda: Sample(0))
    requests: dict[str, Keys] = field(default_factory=dict)

    def take(self, name: str, counted: Counted) -> None:
        """Add one more object."""
        self.rows += counted.rows
        self.sample.merge(counted.sample)
        if len(counted.told):
            self.requests[name] = keys.requests(counted.told)
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
            seen.take(name, counted)
    return seen
