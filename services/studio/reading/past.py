"""The ledgers of a workload in; who changed what, when and why, newest first, and which version reigned when, out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from headrace.ports import Objects
from headrace.promotion import promotions
from headrace.promotion.promotions import BY_HAND, Change
from headrace.records import trail
from headrace.records.trail import Entry


@dataclass(frozen=True, slots=True)
class Reign:
    """A version as champion, from one moment to another."""

    version: int
    begun: datetime
    ended: datetime
    by_hand: bool
    who: str
    why: str


def steps(store: Objects, workload: str) -> list[Entry]:
    """Everything that people and the platform did with its aliases, newest first."""
    return list(reversed(trail.entries(store, workload)))


def reigns(store: Objects, workload: str, now: datetime) -> list[Reign]:
    """Every champion in its time."""
    return of(promotions.history(store, workload), now)


def of(past: Sequence[Change], now: datetime) -> list[Reign]:
    """Each change of champion until the next."""
    ends = [*(after.at for _, after in pairwise(past)), now]
    return [
        Reign(change.version, change.at, end, change.actor == BY_HAND, change.actor, change.reason)
        for change, end in zip(past, ends, strict=True)
    ]


def words(step: Entry) -> str:
    """What was done, as the beginning of a sentence."""
    version = f"version {step.version}" if step.version else "no version"
    instead = f" in place of version {step.before}" if step.before else ""
    match step.what:
        case "champion" if step.version is None:
            return f"no champion any more, after version {step.before}"
        case "champion":
            return f"{version} became champion{instead}"
        case "approved" | "rejected":
            return f"{version} was {step.what}"
        case "test set put aside":
            return step.what
        case alias if step.version is None:
            return f"the alias {alias} was taken from version {step.before}"
        case alias:
            return f"{version} became {alias}{instead}"
