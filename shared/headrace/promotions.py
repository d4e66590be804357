"""A workload's champions, one numbered change after another, in a ledger that nobody can rewrite.

A promotion is first the next entry of the ledger, which only one writer can create, and then the alias in MLflow that
follows it. Whoever sees the alias differ from the ledger can tell a promotion that was cut short (finish it) from an
alias moved by hand (record it).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from headrace import tracing
from headrace.errors import Busy, Exists, NotFound, Rejected
from headrace.events import ModelPromoted
from headrace.ports import Objects, Platform

CUT_SHORT_AFTER = timedelta(seconds=30)
VERDICT = "headrace.verdict"


class Change(BaseModel):
    """One change of champion."""

    model_config = ConfigDict(frozen=True)

    workload: str
    change: int
    version: int
    replaced: int | None
    actor: str
    reason: str
    at: datetime


def history(store: Objects, workload: str) -> list[Change]:
    """Every change of champion, oldest first."""
    entries = [stat.name for stat in store.list(f"promotions/{workload}/") if stat.name.endswith(".json")]
    return [Change.model_validate_json(store.read(name)) for name in entries]


def promote(platform: Platform, workload: str, version: int, actor: str, reason: str, after: int) -> Change:
    """Make `version` champion as the change that follows change number `after`.

    Raises Busy when another change came first: what was decided against is no longer champion.
    """
    past = history(platform.store, workload)
    head = past[-1] if past else None
    if head and head.version == version and not _told(platform.store, head):
        return _settle(platform, head)
    replaced = past[after - 1].version if after else None
    return _settle(platform, _append(platform, workload, after + 1, version, replaced, actor, reason))


def rollback(platform: Platform, workload: str, actor: str) -> Change:
    """Return to the last champion that was not rolled back itself. Raises Rejected when there is none."""
    past = history(platform.store, workload)
    if not past:
        raise Rejected(f"{workload} has no champion yet; `headrace drop {workload} FILE` trains the first")
    current = past[-1].version
    platform.registry.tag(workload, current, {VERDICT: "rolled back"})
    for change in reversed(past):
        version = platform.registry.version(workload, change.version)
        if version.number != current and version.tags.get(VERDICT) != "rolled back":
            reason = f"rolled back from version {current}"
            return promote(platform, workload, version.number, actor, reason, after=len(past))
    raise Rejected(f"version {current} is the only champion {workload} has had; there is nothing to return to")


def observe(platform: Platform, workload: str) -> Iterator[ModelPromoted]:
    """Tell what the alias says and nobody has told yet: a promotion, or an alias moved by hand in MLflow."""
    champion = platform.registry.alias(workload, "champion")
    if champion is None:
        return
    past = history(platform.store, workload)
    head = past[-1] if past else None
    if head is None or (head.version != champion.number and _told(platform.store, head)):
        before = head.version if head else None
        reason = "the alias was set in MLflow"
        head = _append(platform, workload, len(past) + 1, champion.number, before, "mlflow", reason)
    if head.version == champion.number and not _told(platform.store, head):
        with tracing.use(tracing.parse(champion.tags.get(tracing.TAG)).child()):
            yield ModelPromoted(**head.model_dump(exclude={"at"}))
        platform.store.write(_told_name(head), b"")


def finish(platform: Platform, workload: str) -> None:
    """Set the alias of a promotion that was cut short between the ledger and MLflow."""
    past = history(platform.store, workload)
    if past and not _told(platform.store, past[-1]) and platform.clock.now() - past[-1].at > CUT_SHORT_AFTER:
        _settle(platform, past[-1])


def _append(
    platform: Platform, workload: str, number: int, version: int, replaced: int | None, actor: str, reason: str
) -> Change:
    change = Change(
        workload=workload,
        change=number,
        version=version,
        replaced=replaced,
        actor=actor,
        reason=reason,
        at=platform.clock.now(),
    )
    try:
        platform.store.create(_name(workload, number), change.model_dump_json().encode())
    except Exists:
        raise Busy(f"change {number} of {workload}'s champion was just written by somebody else") from None
    return change


def _settle(platform: Platform, change: Change) -> Change:
    registry, workload = platform.registry, change.workload
    if change.replaced is not None:
        registry.set_alias(workload, "previous", change.replaced)
    challenger = registry.alias(workload, "challenger")
    if challenger and challenger.number == change.version:
        registry.delete_alias(workload, "challenger")
    registry.set_alias(workload, "champion", change.version)
    return change


def _name(workload: str, number: int) -> str:
    return f"promotions/{workload}/{number:06d}.json"


def _told_name(change: Change) -> str:
    return _name(change.workload, change.change).replace(".json", ".told")


def _told(store: Objects, change: Change) -> bool:
    try:
        store.stat(_told_name(change))
    except NotFound:
        return False
    return True
