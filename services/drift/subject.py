"""What one check is about: a version, its answers since the last look, and labels that have arrived."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from headrace import catalogue
from headrace.drift import LABELS, Window
from headrace.options.drift import Drift
from headrace.ports import Platform, Version
from headrace.records.driftlog import Column, Entry, Held
from services.drift.deciding import Decision, Findings
from services.drift.finding import NOTHING
from services.drift.state import Bounds, State, Streak
from services.drift.truth import Row, Span
from services.drift.volume import Volume
from services.drift.window import Seen


@dataclass(frozen=True, slots=True)
class Check:
    """A window of one version's predictions, after those looked at `before`; the version lies in `export`.

    `labelled` are rows whose truth became known within its `span`, if there are enough of them.
    """

    platform: Platform
    version: Version
    before: State
    seen: Seen
    labelled: Sequence[Row]
    span: Span
    bounds: Bounds
    export: Path

    @property
    def rule(self) -> Drift:
        """What its workload says of drift."""
        return catalogue.describe(self.version.workload).drift

    @property
    def has_rows(self) -> bool:
        """Whether there are answers enough to look at."""
        return self.seen.rows >= self.rule.min_rows

    @property
    def windows(self) -> Mapping[str, Window]:
        """What there is enough of to look at."""
        return {part: window for part, window in self.seen.windows.items() if self.has_rows or part == LABELS}

    @property
    def id(self) -> str:
        """The same for the same window."""
        heard = f"/{self.before.heard}" if self.labelled else ""
        return sha256(f"{self.version.number}/{self.seen.after}/{self.seen.until}{heard}".encode()).hexdigest()[:12]

    @property
    def volume(self) -> Volume:
        """Its rows, and the time since the window before."""
        return Volume.of(self.seen.rows, self.bounds.at - (self.before.since or self.version.created))

    @property
    def streak(self) -> Streak | None:
        """The checks of this version before this one that found drift, if the last one did."""
        streak = self.before.streak
        return streak if streak and streak.version == self.version.number else None

    def entry(
        self, decision: Decision, findings: Findings = NOTHING, volume: str | None = None, report: str | None = None
    ) -> Entry:
        """What is remembered of it."""
        return Entry(
            at=self.bounds.at,
            workload=self.version.workload,
            check=self.id,
            version=self.version.number,
            rows=self.seen.rows,
            verdict=decision.verdict,
            outcome=decision.outcome,
            retrains=decision.retrains,
            alarms=tuple(alarm.words for alarm in findings.drift),
            quality=tuple(alarm.words for alarm in findings.quality),
            columns=tuple(_columns(findings)),
            labels=len(self.labelled),
            late=sum(row.late for row in self.labelled),
            performance=findings.performance.words if findings.performance else None,
            held=_held(findings),
            usd=decision.usd,
            rate=self.volume.rate,
            volume=volume,
            report=report,
        )


def _columns(findings: Findings) -> Iterator[Column]:
    for part, columns in findings.watched.items():
        for each in columns:
            yield Column(
                name=each.most.column,
                part=part,
                what=each.most.what,
                chance=each.most.chance,
                change=each.most.change,
                bound=each.bound,
                alarm=each.is_alarm,
            )


def _held(findings: Findings) -> Held | None:
    found = findings.performance
    if found is None:
        return None
    now, then = ((each.estimate, each.low, each.high) for each in (found.now, found.frozen))
    return Held(metric=found.metric, now=now, then=then, decayed=findings.has_decayed)
