"""Outcomes and the slices of their rows in; every group's scores, and what the policy's guards say of them, out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
import numpy.typing as npt

from headrace.policy.calibration import Metrics
from headrace.policy.promotion import Promotion, SliceGuard
from headrace.policy.resampling import Resampled, chosen
from headrace.policy.verdict import Group, Interval
from headrace.workload import Arrays

Column = npt.NDArray[np.generic]

LONGEST = 50
"""A slice of more groups is shown only where the policy guards it."""


@dataclass(frozen=True, slots=True)
class Slicing:
    """Both models' outcomes, and what scores them."""

    policy: Promotion
    metrics: Metrics
    challenger: Arrays
    champion: Arrays | None

    def groups(self, slices: Arrays) -> tuple[Group, ...]:
        """Every group of every slice, scored on its rows alone."""
        return tuple(group for name, column in slices.items() for group in self._groups(name, column))

    def _groups(self, name: str, column: Column) -> Iterator[Group]:
        members, places = np.unique(column.astype(str), return_inverse=True)
        if name in self.policy.slices or len(members) <= LONGEST:
            for place, member in enumerate(members):
                yield self._group(name, str(member), np.flatnonzero(places == place))

    def _group(self, name: str, member: str, rows: npt.NDArray[np.int64]) -> Group:
        guard = self.policy.slices.get(name)
        metric = guard.metric if guard and guard.metric else self.policy.metric
        ours = chosen(self.challenger, rows)
        theirs = None if self.champion is None else chosen(self.champion, rows)
        score, before = self.metrics(ours)[metric], None if theirs is None else self.metrics(theirs)[metric]
        judged = guard is not None and len(rows) >= guard.min_rows
        gain = self._loss(guard, metric, ours, theirs) if guard and judged and theirs else None
        return Group(name, member, len(rows), metric, score, before, gain, judged)

    def _loss(self, guard: SliceGuard, metric: str, ours: Arrays, theirs: Arrays) -> Interval | None:
        """The difference from the champion, resampled only where it may be a loss that is too much."""
        if guard.max_loss is None:
            return None
        change = self.metrics(ours)[metric] - self.metrics(theirs)[metric]
        if not (change if (guard.better or self.policy.better) == "higher" else -change) < -guard.max_loss:
            return None
        rival = Resampled(self.policy, self.metrics, theirs)
        return Resampled(self.policy, self.metrics, ours).gain(rival, metric, guard.better)


def failed(policy: Promotion, found: Sequence[Group]) -> tuple[str, ...]:
    """A sentence for everything that a guard objects to.

    A score that is not a number counts as missed where the champion has one: else the rows allow none.
    """
    judged = [group for group in found if group.judged]
    return tuple(sentence for group in judged for sentence in _objections(policy, policy.slices[group.slice], group))


def _objections(policy: Promotion, guard: SliceGuard, group: Group) -> Iterator[str]:
    about = f"{group.metric} {group.score:.4f} where {group.slice} is {group.name} ({group.rows} rows)"
    if isnan(group.score):
        if group.champion_score is not None and not isnan(group.champion_score):
            yield f"{about} is no number, the champion's is {group.champion_score:.4f}"
        return
    if guard.floor is not None and group.score < guard.floor:
        yield f"{about} is below the floor of {guard.floor:g}"
    if guard.ceiling is not None and group.score > guard.ceiling:
        yield f"{about} is above the ceiling of {guard.ceiling:g}"
    if group.gain and guard.max_loss is not None and group.gain.high < 0:
        yield (
            f"{about} is {group.gain:+.4f} against the champion: a loss of more than {guard.max_loss:g} "
            f"at {policy.confidence:.0%} confidence"
        )
