"""The memory of a workload's drift checks in; how far it drifted, what was decided and what followed, out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log10

from headrace.events import DriftDetected, DriftRefused
from headrace.options.drift import Drift
from headrace.ports import Objects, Platform
from headrace.records import audit, driftlog
from headrace.records.driftlog import Column, Entry
from services.studio.reading.versions import Seen

DAY, WEEK = timedelta(days=1), timedelta(days=7)
SMALLEST = 1e-300
"""A chance below that is none; its logarithm is still a number."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check that came to a verdict, with what followed from it.

    `refused` is what the week's budget had nothing left for, so that people are to decide whether `dataset` is trained
    on.
    """

    entry: Entry
    dataset: str = ""
    refused: bool = False
    versions: tuple[Seen, ...] = ()


@dataclass(frozen=True, slots=True)
class Allowance:
    """What drift may still cause: so many trainings this week, for so many dollars, and not before a moment."""

    retrainings: int
    of_retrainings: int
    usd: float
    of_usd: float
    until: datetime | None


def checks(store: Objects, workload: str, since: datetime, most: int) -> list[Entry]:
    """The last checks since then, oldest first."""
    return list(driftlog.entries(store, workload, since, most))


def judged(found: Sequence[Entry]) -> list[Entry]:
    """Those that there were rows, or labels, enough for."""
    return [entry for entry in found if entry.verdict != "not enough"]


def allowance(rule: Drift, found: Sequence[Entry], now: datetime) -> Allowance:
    """By the trainings that drift caused in the last seven days."""
    caused = [entry for entry in found if entry.retrains and now - entry.at < WEEK]
    cooled = max((entry.at for entry in caused), default=None)
    until = cooled + timedelta(minutes=rule.cooldown_minutes) if cooled else None
    spent = sum(entry.usd or 0.0 for entry in caused)
    return Allowance(
        max(rule.budget.retrainings - len(caused), 0),
        rule.budget.retrainings,
        max(rule.budget.usd - spent, 0.0),
        rule.budget.usd,
        until if until and until > now else None,
    )


def surprise(chance: float) -> float:
    """How surprising something of that chance is: the number of its decimal places."""
    return -log10(max(chance, SMALLEST)) if chance < 1 else 0.0


def strength(column: Column) -> float:
    """A column's surprise in multiples of what an alarm takes: 1 is the threshold."""
    least = surprise(column.bound)
    return surprise(column.chance) / least if least else 0.0


def strongest(found: Sequence[Entry], most: int) -> list[str]:
    """The columns that came nearest to an alarm or went furthest beyond, the first `most` of them."""
    peaks: dict[str, float] = {}
    for entry in found:
        for column in entry.columns:
            peaks[column.name] = max(peaks.get(column.name, 0.0), strength(column))
    return sorted(peaks, key=lambda name: -peaks[name])[:most]


def followed(platform: Platform, entry: Entry, found: Sequence[Seen], until: datetime) -> Check:
    """What came of a check that found drift: the dataset version, and the versions trained on it since."""
    if entry.verdict != "drifted":
        return Check(entry)
    told = audit.happened(platform.audit, entry.at - DAY, until, topics=(DriftDetected.topic(), DriftRefused.topic()))
    facts = (each.fact for each in told if isinstance(each.fact, DriftDetected | DriftRefused))
    fact = next((each for each in facts if (each.workload, each.check) == (entry.workload, entry.check)), None)
    if fact is None:
        return Check(entry)
    trained = [each for each in found if each.dataset == fact.dataset and each.created >= entry.at]
    return Check(entry, fact.dataset, isinstance(fact, DriftRefused), tuple(reversed(trained)))


def report_name(entry: Entry) -> str:
    """Where Evidently's page about a check lies in the store."""
    return f"reports/{entry.workload}/{entry.check}/report.html"


def latest(store: Objects, workloads: Sequence[str]) -> Mapping[str, Entry]:
    """The last check of each workload that was ever checked."""
    found = {name: driftlog.latest(store, name) for name in workloads}
    return {name: entry for name, entry in found.items() if entry}
