"""A version that passed and waits for a person in; that person's word, and what follows from it, out.

The first word on a version is the one that counts: it is an object that only one writer can create.
"""

from collections.abc import Sequence

from headrace.errors import NotFound, Rejected
from headrace.events import ModelRejected
from headrace.ports import Platform, Version
from headrace.promotion import decisions, outcomes, promotions, rejections
from headrace.promotion.decisions import Decision
from headrace.promotion.promotions import PROMOTED, REJECTED, VERDICT, Change
from headrace.promotion.rejections import AGAINST

AWAITING = decisions.AWAITING


def waiting(versions: Sequence[Version], champion: int | None) -> list[int]:
    """Those of a workload's versions that can be approved: they were judged against the champion of now."""
    return [version.number for version in versions if _waits(version) and _is_current(version, champion)]


def approve(platform: Platform, workload: str, number: int, actor: str, reason: str) -> Change:
    """Make a version champion that waits. Raises Rejected where it does not, or was judged against another champion."""
    version, head = _found(platform, workload, number), promotions.last(platform.store, workload)
    if head and head.version == number and _waits(version):
        return _promoted(platform, version, head)  # and then cut short
    champion = platform.registry.alias(workload, "champion")
    now = champion.number if champion else None
    if not _is_current(version, now):
        before = version.tags.get(AGAINST)
        raise Rejected(
            f"version {number} of {workload} was judged against {_named(before)}, and {_named(now)} is there now; "
            f"`headrace retrain {workload}` has another version judged"
        )
    said = _decided(platform, version, True, actor, reason)
    why = "; ".join((str(said), *rejections.reasons(version)))
    change = promotions.promote(platform, workload, number, said.actor, why, after=head.change if head else 0)
    return _promoted(platform, version, change)


def reject(platform: Platform, workload: str, number: int, actor: str, reason: str) -> ModelRejected:
    """Turn down a version that waits, or say once more that it was, and tell of it.

    Raises Rejected where it does neither.
    """
    if not _was_turned_down(platform, workload, number):
        version = _found(platform, workload, number)
        said = _decided(platform, version, False, actor, reason)
        platform.registry.tag(workload, number, {rejections.SAID: str(said)})
        outcomes.conclude(platform, workload, number, REJECTED)
    return rejections.tell(platform, workload, number)


def _found(platform: Platform, workload: str, number: int) -> Version:
    try:
        version = platform.registry.version(workload, number)
    except NotFound:
        raise Rejected(f"{workload} has no version {number}; `headrace status` shows what waits for approval") from None
    if not _waits(version):
        raise Rejected(
            f"version {number} of {workload} does not wait for approval: "
            f"its verdict is {version.tags.get(VERDICT, 'not there yet')!r}"
        )
    return version


def _was_turned_down(platform: Platform, workload: str, number: int) -> bool:
    tags = {each.number: each.tags for each in platform.registry.versions(workload)}.get(number, {})
    return tags.get(VERDICT) == REJECTED and rejections.SAID in tags


def _decided(platform: Platform, version: Version, approved: bool, actor: str, reason: str) -> Decision:
    """The first word on the version, which is this one unless somebody said the same before."""
    said = Decision(
        workload=version.workload,
        version=version.number,
        approved=approved,
        actor=actor,
        reason=reason,
        at=platform.clock.now(),
    )
    first = decisions.first(platform.store, said)
    if first.approved != approved:
        raise Rejected(f"version {version.number} of {version.workload} was {first} at {first.at:%H:%M}")
    return first


def _promoted(platform: Platform, version: Version, change: Change) -> Change:
    outcomes.conclude(platform, version.workload, version.number, PROMOTED)
    return change


def _waits(version: Version) -> bool:
    return version.tags.get(VERDICT) == AWAITING


def _is_current(version: Version, champion: int | None) -> bool:
    return version.tags.get(AGAINST) == (None if champion is None else str(champion))


def _named(version: str | int | None) -> str:
    return f"version {version}" if version else "no champion at all"
