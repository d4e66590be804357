"""Two versions and what was found of them in; their numbers side by side, against their bounds, out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite

from headrace.policy.promotion import Promotion
from headrace.policy.verdict import Group, Interval, Measured, Verdict
from services.studio.reading.versions import Seen


@dataclass(frozen=True, slots=True)
class Score:
    """One metric of two versions. An interval without width is one that is not known."""

    metric: str
    ours: Interval
    theirs: Interval | None
    floor: float | None
    ceiling: float | None
    decides: bool

    @property
    def bound(self) -> str:
        """What the policy asks for."""
        said = (("at least", self.floor), ("at most", self.ceiling))
        return ", ".join(f"{words} {value:g}" for words, value in said if value is not None)

    @property
    def holds(self) -> bool | None:
        """Whether the bound is kept; None where there is none."""
        if self.floor is None and self.ceiling is None:
            return None
        value = self.ours.estimate
        return (self.floor is None or value >= self.floor) and (self.ceiling is None or value <= self.ceiling)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a model takes of something that may be bounded: of one version, of the other, and at most."""

    what: str
    unit: str
    ours: float | None
    theirs: float | None
    limit: float | None

    @property
    def share(self) -> float | None:
        """Of the limit."""
        return self.ours / self.limit if self.ours is not None and self.limit else None


def caveat(ours: Seen, theirs: Seen | None) -> str:
    """Why the numbers of two versions say little of each other, where they do."""
    if theirs is None or ours.against == theirs.number or ours.testset == theirs.testset:
        return ""
    return (
        f"{ours.name} and {theirs.name} were judged on different test sets, {ours.testset or 'none'} and "
        f"{theirs.testset or 'none'}: a difference may be the rows' as well as the models'."
    )


def scores(policy: Promotion, ours: Seen, found: Verdict, theirs: Seen | None, other: Verdict | None) -> list[Score]:
    """Every metric, the deciding one first. The rival's are those on the same rows, where it was the champion then."""
    names = [*policy.metrics, *(name for name in found.scores if name not in policy.metrics)]
    return [
        Score(
            name,
            _held(found, name, found.scores[name]),
            _rivals(name, ours, found, theirs, other),
            policy.floors.get(name),
            policy.ceilings.get(name),
            name == policy.metric,
        )
        for name in names
        if name in found.scores
    ]


def taken(policy: Promotion, ours: Measured, theirs: Measured | None) -> list[Taken]:
    """Time, size, age and parity against what the policy allows; what was not measured is left out."""
    other, budgets = theirs or Measured(), policy.budgets
    listed = [
        Taken("One row", "ms", ours.row_ms, other.row_ms, budgets.row_ms),
        Taken(f"A batch of {ours.batch_rows:,} rows", "ms", ours.batch_ms, other.batch_ms, budgets.batch_ms),
        Taken("Size of the export", "MiB", ours.size_mib, other.size_mib, budgets.size_mib),
        Taken("Age of its data when judged", "days", ours.age_days, other.age_days, policy.max_age_days),
        Taken("Distance from the trained model", "", ours.parity, other.parity, policy.max_parity),
    ]
    return [each for each in listed if each.ours is not None]


def slices(found: Verdict) -> Mapping[str, list[Group]]:
    """Groups by slice."""
    return {name: [each for each in found.groups if each.slice == name] for name in _names(found)}


def _names(found: Verdict) -> Iterator[str]:
    yield from dict.fromkeys(group.slice for group in found.groups)


def _held(found: Verdict, name: str, score: float) -> Interval:
    known = found.intervals.get(name)
    return known if known and isfinite(known.low) and isfinite(known.high) else Interval(score, score, score)


def _rivals(name: str, ours: Seen, found: Verdict, theirs: Seen | None, other: Verdict | None) -> Interval | None:
    if theirs is None:
        return None
    before = (found.champion_scores or {}).get(name)
    if ours.against == theirs.number and before is not None:
        same = other is not None and theirs.testset == ours.testset
        return _held(other, name, before) if same and other else Interval(before, before, before)
    return _held(other, name, other.scores[name]) if other and name in other.scores else None
