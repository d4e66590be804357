"""A champion that is to go in; the one before it champion again, and what was left marked as rolled back, out."""

from datetime import timedelta
from itertools import pairwise

from headrace.errors import Busy, Rejected
from headrace.ports import Platform
from headrace.promotion import outcomes, promotions
from headrace.promotion.promotions import RETURNED, ROLLED_BACK, VERDICT, Change


def target(platform: Platform, workload: str) -> int:
    """The version that a rollback would return to now. Raises Rejected when there is none."""
    return _to_return_to(platform, _past(platform, workload))


def rollback(platform: Platform, workload: str, actor: str, why: str = "", of: int | None = None) -> Change:
    """Return to the last champion that was not rolled back itself. Raises Rejected when there is none.

    With `of`, only while that version is champion: Busy is raised when another has come since somebody looked.
    """
    past = _past(platform, workload)
    if of is not None and past[-1].version != of:
        raise Busy(f"the champion of {workload} is version {past[-1].version} by now, not {of}; look again")
    return _roll_back(platform, past, actor, why)


def _past(platform: Platform, workload: str) -> list[Change]:
    past = promotions.history(platform.store, workload)
    if not past:
        raise Rejected(f"{workload} has no champion yet; `headrace drop {workload} FILE` trains the first")
    return past


def take_back(platform: Platform, workload: str, version: int, why: str, within: timedelta) -> Change | None:
    """Roll back a promotion of `version` that has turned out badly not longer than `within` after it.

    Only a version's first promotion: what was champion before did well enough, so that going back again and again could
    only do harm.
    """
    past = promotions.history(platform.store, workload)
    if not past or past[-1].version != version or platform.clock.now() - past[-1].at > within:
        return None
    if len(past) == 1 or any(change.version == version for change in past[:-1]):
        return None
    return _roll_back(platform, past, platform.component, why)


def _roll_back(platform: Platform, past: list[Change], actor: str, why: str) -> Change:
    workload, current = past[-1].workload, past[-1].version
    target = _to_return_to(platform, past)
    platform.registry.tag(workload, current, {VERDICT: ROLLED_BACK})
    reason = f"{RETURNED} {current}" + (f": {why}" if why else "")
    change = promotions.promote(platform, workload, target, actor, reason, after=past[-1].change)
    outcomes.write(platform, workload, current, ROLLED_BACK)
    return change


def _to_return_to(platform: Platform, past: list[Change]) -> int:
    """The last champion but one that is there still, and whose last time as champion did not end in a rollback."""
    current, there = past[-1].version, {version.number for version in platform.registry.versions(past[-1].workload)}
    failed = {change.version: after.returns for change, after in pairwise(past)}
    for change in reversed(past):
        if change.version in there and change.version != current and not failed[change.version]:
            return change.version
    raise Rejected(f"there is no champion before version {current} to return to")
