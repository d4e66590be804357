"""The ledgers of a workload's aliases and of people's decisions in; who did what, when and why, in one list, out."""

from dataclasses import dataclass
from datetime import datetime

from headrace.data import rotations
from headrace.ports import Objects
from headrace.promotion import aliases, decisions, promotions
from headrace.promotion.promotions import BY_HAND


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of an alias, or one decision. `by_hand` marks what was done in MLflow, past the platform."""

    at: datetime
    workload: str
    what: str
    version: int | None
    before: int | None
    actor: str
    by_hand: bool
    reason: str


def entries(store: Objects, workload: str) -> list[Entry]:
    """Everything that was done, oldest first."""
    found = (_champions(store, workload), _others(store, workload), _said(store, workload), _rotated(store, workload))
    return sorted((entry for ledger in found for entry in ledger), key=_when)


def _champions(store: Objects, workload: str) -> list[Entry]:
    return [
        Entry(
            each.at,
            workload,
            "champion",
            each.version,
            each.replaced,
            each.actor,
            each.actor == BY_HAND,
            each.reason,
        )
        for each in promotions.history(store, workload)
    ]


def _others(store: Objects, workload: str) -> list[Entry]:
    return [
        Entry(seen.at, workload, each.alias, each.version, each.before, each.actor, each.actor == BY_HAND, each.reason)
        for seen in aliases.history(store, workload)
        for each in seen.moved
        if each.alias != "champion" or each.version is None
    ]


def _said(store: Objects, workload: str) -> list[Entry]:
    return [
        Entry(
            each.at,
            workload,
            each.word,
            each.version,
            None,
            each.actor,
            False,
            each.reason,
        )
        for each in decisions.history(store, workload)
    ]


def _rotated(store: Objects, workload: str) -> list[Entry]:
    return [
        Entry(each.at, workload, "test set put aside", None, None, each.actor, False, f"{each.dataset}: {each.reason}")
        for each in rotations.history(store, workload)
    ]


def _when(entry: Entry) -> datetime:
    return entry.at
