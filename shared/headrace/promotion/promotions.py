"""A workload's champions, one numbered change after another, in a ledger that nobody can rewrite.

A promotion is first the next entry of the ledger, which only one writer can create, and then the alias in MLflow that
follows it. Whoever sees the alias differ from the ledger can tell a promotion that was cut short (finish it) from an
alias moved by hand (record it).
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from headrace import tracing
from headrace.errors import Busy, Exists, NotFound
from headrace.events import ModelPromoted
from headrace.ports import Objects, Platform

CUT_SHORT_AFTER = timedelta(seconds=30)
VERDICT = "headrace.verdict"
PROMOTED, REJECTED, ROLLED_BACK = "promoted", "rejected", "rolled back"
RETURNED = "rolled back from version"
"""How the reason of a rollback begins."""
BY_HAND = "mlflow"
"""Who changed an alias that was moved in MLflow, where nobody says their name."""


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

    @property
    def returns(self) -> bool:
        """Whether it took back the change before it."""
        return self.reason.startswith(RETURNED)


def history(store: Objects, workload: str) -> list[Change]:
    """Every change of champion, oldest first."""
    return [_read(store, name) for name in _names(store, workload)]


def last(store: Objects, workload: str) -> Change | None:
    """The change that made the present champion, if there has been one."""
    names = _names(store, workload)
    return _read(store, names[-1]) if names else None


def promote(platform: Platform, workload: str, version: int, actor: str, reason: str, after: int) -> Change:
    """Make `version` champion as the change that follows change number `after`.

    Raises Busy when another change came first: what was decided against is no longer champion.
    """
    head = last(platform.store, workload)
    if head and head.version == version and not _told(platform.store, head):
        return _settle(platform, head)
    if head and head.change != after:
        raise Busy(f"the champion of {workload} changed to version {head.version} meanwhile")
    return _settle(platform, _append(platform, workload, head, version, actor, reason))


def observe(platform: Platform, workload: str) -> Iterator[ModelPromoted]:
    """Tell what the alias says and nobody has told yet: a promotion, or an alias moved by hand in MLflow."""
    champion = platform.registry.alias(workload, "champion")
    if champion is None:
        return
    head = last(platform.store, workload)
    if head is None or _moved_by_hand(platform.store, head, champion.number):
        head = _append(platform, workload, head, champion.number, BY_HAND, "the alias was set in MLflow")
    if head.version == champion.number and not _told(platform.store, head):
        _remember(platform, head)
        with tracing.use(tracing.parse(champion.tags.get(tracing.TAG)).child()):
            yield ModelPromoted(**head.model_dump(exclude={"at"}))
        platform.store.write(_told_name(head), b"")


def finish(platform: Platform, workload: str) -> None:
    """Set the alias of a promotion that was cut short between the ledger and MLflow."""
    head = last(platform.store, workload)
    if head is None or _told(platform.store, head) or platform.clock.now() - head.at <= CUT_SHORT_AFTER:
        return
    champion = platform.registry.alias(workload, "champion")
    if champion is None or not _moved_by_hand(platform.store, head, champion.number):
        _settle(platform, head)


def _moved_by_hand(store: Objects, head: Change, champion: int) -> bool:
    """A promotion that was cut short leaves the alias where it was: on what it was to replace."""
    return champion != head.version and (champion != head.replaced or _told(store, head))


def _append(platform: Platform, workload: str, head: Change | None, version: int, actor: str, reason: str) -> Change:
    change = Change(
        workload=workload,
        change=head.change + 1 if head else 1,
        version=version,
        replaced=head.version if head else None,
        actor=actor,
        reason=reason,
        at=platform.clock.now(),
    )
    try:
        platform.store.create(_name(change), change.model_dump_json().encode())
    except Exists:
        raise Busy(f"change {change.change} of {workload}'s champion was just written by somebody else") from None
    return change


def _settle(platform: Platform, change: Change) -> Change:
    registry, workload = platform.registry, change.workload
    _remember(platform, change)
    challenger = registry.alias(workload, "challenger")
    if challenger and challenger.number == change.version:
        registry.delete_alias(workload, "challenger")
    registry.set_alias(workload, "champion", change.version)
    return change


def _remember(platform: Platform, change: Change) -> None:
    """What was champion before is `previous`, unless it was deleted since."""
    if change.replaced is not None and change.replaced != change.version:
        with suppress(NotFound):
            platform.registry.set_alias(change.workload, "previous", change.replaced)


def _names(store: Objects, workload: str) -> list[str]:
    return [stat.name for stat in store.list(f"promotions/{workload}/") if stat.name.endswith(".json")]


def _read(store: Objects, name: str) -> Change:
    return Change.model_validate_json(store.read(name))


def _name(change: Change) -> str:
    return f"promotions/{change.workload}/{change.change:06d}.json"


def _told_name(change: Change) -> str:
    return _name(change).replace(".json", ".told")


def _told(store: Objects, change: Change) -> bool:
    try:
        store.stat(_told_name(change))
    except NotFound:
        return False
    return True
