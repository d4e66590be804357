"""What a check found, and what drift has caused before, in; whether to train anew, with the reason, out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from headrace.drift import INPUTS, LABELS, Alarm, Watched
from headrace.drift.judging import MOST
from headrace.options.drift import Budget, Drift
from headrace.records.driftlog import Verdict
from services.drift.performance import Performance
from services.drift.price import Price
from services.drift.state import Streak

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Findings:
    """Alarms by part of the profile, all that was `watched`, and how the version does where the truth is known."""

    alarms: Mapping[str, Sequence[Alarm]]
    performance: Performance | None = None
    has_decayed: bool = False
    watched: Mapping[str, Sequence[Watched]] = field(default_factory=dict)

    @property
    def quality(self) -> list[Alarm]:
        """What may be broken: it is in what the model was asked."""
        return [alarm for alarm in self.alarms.get(INPUTS, ()) if alarm.is_quality]

    @property
    def drift(self) -> list[Alarm]:
        """What moved in the world."""
        return [alarm for part, found in self.alarms.items() for alarm in found if not _is_quality(part, alarm)]

    @property
    def is_broken(self) -> bool:
        """Whether what may be broken is most of what moved: where all shifts, some values are beyond the known ones."""
        moved = max((alarm.change for alarm in self.drift), default=0.0)
        return any(alarm.change >= MOST * moved for alarm in self.quality)

    @property
    def columns(self) -> tuple[str, ...]:
        """What drifted, by name; a decayed metric is one."""
        decayed = [self.performance.metric] if self.performance and self.has_decayed else []
        return tuple(sorted([alarm.column for alarm in self.drift] + decayed))

    @property
    def looked_at(self) -> frozenset[str]:
        """The parts of the profile that there was enough for."""
        return frozenset(self.alarms) | ({LABELS} if self.performance else frozenset())

    @property
    def drifted(self) -> frozenset[str]:
        """Those in which there is drift; where a metric decayed, it is in what is true."""
        moved = {part for part, found in self.alarms.items() if any(not _is_quality(part, alarm) for alarm in found)}
        return frozenset(moved | ({LABELS} if self.has_decayed else set()))


@dataclass(frozen=True, slots=True)
class Past:
    """What came before this check: drift in a row, and when drift last caused trainings."""

    streak: Streak | None = None
    retrainings: Sequence[datetime] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on a window, whether it causes a training, and why or why not; `usd` is what it costs by estimate.

    A training that the budget alone keeps from beginning is `refused`: it is for people to decide.
    """

    verdict: Verdict
    retrains: bool
    outcome: str
    refused: bool = False
    usd: float | None = None


def decide(rule: Drift, findings: Findings, past: Past, now: datetime, price: Price) -> Decision:
    """Train anew for drift that lasts, not too soon, not too often, and never on data that may be broken."""
    if findings.is_broken:
        names = ", ".join(alarm.column for alarm in findings.quality)
        return Decision("broken", False, f"the data may be broken, and nothing is trained on it: {names}")
    if not findings.columns:
        return Decision("steady", False, "steady: nothing drifted")
    found = f"{', '.join(findings.columns)} drifted"
    if waits := _why_not_yet(rule, past, now):
        return Decision("drifted", False, f"{found}, but {waits}", usd=price.usd)
    lately = sum(now - each < WEEK for each in past.retrainings)
    if spent := _why_not(rule.budget, lately, price):
        return Decision("drifted", False, f"{found}, but {spent}", refused=True, usd=price.usd)
    return Decision("drifted", True, f"{found}: training anew, for {price}", usd=price.usd)


def _why_not_yet(rule: Drift, past: Past, now: datetime) -> str:
    """What drift has to wait for before it causes a training, if for anything."""
    in_a_row = (past.streak.checks if past.streak else 0) + 1
    if in_a_row < rule.in_a_row:
        return f"only in {in_a_row} of the {rule.in_a_row} checks in a row that it takes"
    last = max(past.retrainings, default=None)
    if last is not None and now - last < timedelta(minutes=rule.cooldown_minutes):
        return f"it is cooling down until {last + timedelta(minutes=rule.cooldown_minutes):%Y-%m-%d %H:%M}"
    return ""


def _why_not(budget: Budget, lately: int, price: Price) -> str:
    """What the week's budget has against one more training after so many, if anything."""
    if lately >= budget.retrainings:
        return f"the week's budget of {budget.retrainings} retrainings is spent"
    if price.usd is None:
        return f"the week's budget is in dollars, and what a training costs is not known: {price.why}"
    if (lately + 1) * price.usd > budget.usd:
        return f"one more training, for {price}, goes beyond the week's budget of ${budget.usd:.2f} after {lately}"
    return ""


def _is_quality(part: str, alarm: Alarm) -> bool:
    return part == INPUTS and alarm.is_quality
