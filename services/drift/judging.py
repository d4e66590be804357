"""A window with rows enough in; what is found in it, what follows, and what is remembered of it, out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from headrace import catalogue
from headrace.events import DataSuspected, DriftChecked, DriftDetected
from headrace.options.drift import Drift
from headrace.ports import Platform, Version
from headrace.records import driftlog
from headrace.records.driftlog import Entry
from services.drift import labels, report, retraining, state, window
from services.drift.deciding import WEEK, Decision, Findings, Past, decide
from services.drift.finding import NOTHING, found
from services.drift.state import Bounds, State, Streak
from services.drift.volume import Volume, remembered, unlike
from services.drift.window import Seen

LEASE = timedelta(minutes=10)
REPORT = "headrace.drift"
"""The tag of a version that says what its last check found, and where the report is."""


@dataclass(frozen=True, slots=True)
class Check:
    """A window of one version's predictions, after those looked at `before`; the version lies in `export`."""

    platform: Platform
    version: Version
    before: State
    seen: Seen
    bounds: Bounds
    export: Path

    @property
    def rule(self) -> Drift:
        """What its workload says of drift."""
        return catalogue.describe(self.version.workload).drift

    @property
    def id(self) -> str:
        """The same for the same window."""
        return sha256(f"{self.version.number}/{self.seen.after}/{self.seen.until}".encode()).hexdigest()[:12]

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
            performance=findings.performance.words if findings.performance else None,
            rate=self.volume.rate,
            volume=volume,
            report=report,
        )


def judge(this: Check, generation: int) -> Iterator[DriftChecked | DriftDetected | DataSuspected]:
    """Look, decide, tell, and remember over the state of that generation."""
    findings = found(this.version.workload, this.rule, this.seen, this.export)
    decision = decide(this.rule, findings, Past(this.streak, this.before.retrainings), this.bounds.at)
    volume = unlike(this.volume, this.before.volumes, complete=True)
    address = report.publish(this.platform, this.version.workload, this.id, this.seen, this.export)
    entry, after = this.entry(decision, findings, volume, address), _after(this, decision, findings, volume)
    yield checked(entry)
    if after.suspected and after.suspected != this.before.suspected:
        yield suspected(entry)
    if decision.retrains:
        yield _detected(this, findings, entry)
    driftlog.record(this.platform.store, entry)
    tag = {REPORT: f"{entry.outcome}; {entry.report}" if entry.report else entry.outcome}
    this.platform.registry.tag(entry.workload, entry.version, tag)
    state.save(this.platform.store, entry.workload, after, over=generation)


def checked(entry: Entry) -> DriftChecked:
    """The fact that a check was made."""
    kept = entry.model_dump(include={"workload", "check", "version", "rows", "outcome", "verdict", "report"})
    return DriftChecked(**kept, alarms=(*entry.quality, *entry.alarms))


def suspected(entry: Entry) -> DataSuspected:
    """The fact that people should look at the data."""
    reasons = (*entry.quality, *([entry.volume] if entry.volume else []))
    return DataSuspected(
        workload=entry.workload, check=entry.check, version=entry.version, reasons=reasons, report=entry.report
    )


def _detected(this: Check, findings: Findings, entry: Entry) -> DriftDetected:
    """With the labels of all windows in a row that drifted."""
    begin, labelled = this.streak.after if this.streak else this.seen.after, list(this.seen.labelled)
    if begin != this.seen.after:
        audit = this.platform.audit
        known = labels.read(audit, entry.workload, labels.since(begin))
        labelled = window.labelled(audit, entry.workload, entry.version, known, (begin, this.seen.until))
    return DriftDetected(
        workload=entry.workload,
        check=entry.check,
        version=entry.version,
        columns=findings.columns,
        dataset=retraining.dataset(this.platform, this.version, labelled, entry.check),
        report=entry.report,
    )


def _after(this: Check, decision: Decision, findings: Findings, volume: str | None) -> State:
    """What the next check begins with."""
    now, before, streak = this.bounds.at, this.before, None
    if decision.verdict == "drifted" and not decision.retrains:
        checks = this.streak.checks if this.streak else 0
        after = this.streak.after if this.streak else this.seen.after
        streak = Streak(version=this.version.number, checks=checks + 1, after=after)
    broken = tuple(sorted(alarm.column for alarm in findings.quality))
    return State(
        checked=this.bounds.until,
        since=now,
        streak=this.streak if decision.verdict == "broken" else streak,
        volumes=remembered(this.volume, before.volumes),
        suspected=(*broken, *(["volume"] if volume else [])),
        retrainings=tuple([each for each in before.retrainings if now - each < WEEK] + [now] * decision.retrains),
    )
