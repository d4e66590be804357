"""What a check found, and what drift has caused before, in; whether to train anew, with the reason, out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from headrace.drift import INPUTS, Alarm
from headrace.drift.judging import MOST
from headrace.options.drift import Drift
from headrace.records.driftlog import Verdict
from services.drift.performance import Performance
from services.drift.state import Streak

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Findings:
    """Alarms by part of the profile, and how the version does where the truth is known."""

    alarms: Mapping[str, Sequence[Alarm]]
    performance: Performance | None = None
    has_decayed: bool = False

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


@dataclass(frozen=True, slots=True)
class Past:
    """What came before this check: drift in a row, and when drift last caused trainings."""

    streak: Streak | None = None
    retrainings: Sequence[datetime] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on a window, whether it causes a training, and why or why not."""

    verdict: Verdict
    retrains: bool
    outcome: str


def decide(rule: Drift, findings: Findings, past: Past, now: datetime) -> Decision:
    """Train anew for drift that lasts, not too soon, not too often, and never on data that may be broken."""
    if findings.is_broken:
        names = ", ".join(alarm.column for alarm in findings.quality)
        return Decision("broken", False, f"the data may be broken, and nothing is trained on it: {names}")
    if not findings.columns:
        return Decision("steady", False, "steady: nothing drifted")
    found = f"{', '.join(findings.columns)} drifted"
    waits = _why_not(rule, past, now)
    return Decision("drifted", not waits, f"{found}, but {waits}" if waits else f"{found}: training anew")


def _why_not(rule: Drift, past: Past, now: datetime) -> str:
    """What keeps drift from causing a training, if anything does."""
    in_a_row = (past.streak.checks if past.streak else 0) + 1
    if in_a_row < rule.in_a_row:
        return f"only in {in_a_row} of the {rule.in_a_row} checks in a row that it takes"
    last = max(past.retrainings, default=None)
    if last is not None and now - last < timedelta(minutes=rule.cooldown_minutes):
        return f"it is cooling down until {last + timedelta(minutes=rule.cooldown_minutes):%Y-%m-%d %H:%M}"
    lately = sum(now - each < WEEK for each in past.retrainings)
    if lately >= rule.budget.retrainings:
        return f"the week's budget of {rule.budget.retrainings} retrainings is spent"
    return ""


def _is_quality(part: str, alarm: Alarm) -> bool:
    return part == INPUTS and alarm.is_quality
