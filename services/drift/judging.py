"""A check with enough to look at in; what is found, what follows, and what is remembered of it, out."""

from collections.abc import Iterator
from typing import Any

from headrace.events import DataSuspected, DriftChecked, DriftDetected, DriftRefused, ModelDecayed
from headrace.records import driftlog
from headrace.records.driftlog import Entry
from services.drift import keys, labels, memory, price, report, retraining, state, truth, waiting
from services.drift.after import after
from services.drift.deciding import Decision, Findings, Past, decide
from services.drift.finding import found
from services.drift.keys import Keys
from services.drift.price import FREE
from services.drift.subject import Check
from services.drift.volume import unlike

REPORT = "headrace.drift"
"""The tag of a version that says what its last check found, and where the report is."""

Fact = DriftChecked | DriftDetected | DriftRefused | DataSuspected | ModelDecayed


def judge(this: Check, generation: int) -> Iterator[Fact]:
    """Look, decide, tell, and remember over the state of that generation."""
    findings = found(this.version.workload, this.rule, this.windows, this.labelled, this.export)
    decision = _decided(this, findings)
    volume = unlike(this.volume, this.before.volumes, complete=True) if this.has_rows else None
    entry = this.entry(decision, findings, volume, report.publish(this) if this.has_rows else None)
    following = after(this, decision, findings, volume)
    yield checked(entry)
    if following.suspected and following.suspected != this.before.suspected:
        yield suspected(entry)
    if _keeps_decaying(this, findings, decision):
        reason = entry.performance or ""
        yield ModelDecayed(workload=entry.workload, check=entry.check, version=entry.version, reason=reason)
    if decision.retrains:
        yield DriftDetected(**_drift(this, findings, entry))
    if decision.refused and not this.before.refused:
        yield DriftRefused(**_drift(this, findings, entry), reason=entry.outcome)
    driftlog.record(this.platform.store, entry)
    tag = {REPORT: f"{entry.outcome}; {entry.report}" if entry.report else entry.outcome}
    this.platform.registry.tag(entry.workload, entry.version, tag)
    looked_at = _remember(this)
    state.save(this.platform.store, entry.workload, following, over=generation)
    waiting.forget(this.platform.store, entry.workload, looked_at)


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


def _decided(this: Check, findings: Findings) -> Decision:
    """What a training costs is looked up only where one may follow."""
    costs = price.of_retraining(this.platform, this.version.workload) if findings.columns else FREE
    return decide(this.rule, findings, Past(this.streak, this.before.retrainings), this.bounds.at, costs)


def _keeps_decaying(this: Check, findings: Findings, decision: Decision) -> bool:
    """Whether it did worse for as many checks as count as lasting; a budget or a pause changes nothing in that."""
    lasted = (this.streak.checks if this.streak else 0) + 1
    return findings.has_decayed and decision.verdict == "drifted" and lasted >= this.rule.in_a_row


def _drift(this: Check, findings: Findings, entry: Entry) -> dict[str, Any]:
    """What is said of drift, with a dataset that has all rows which the version answered and whose truth is known."""
    known = labels.read(this.platform.audit, entry.workload, "", this.before.heard, this.span.since)
    rows = truth.rows(this.platform, this.version, known, this.seen.requests, this.span, again=True)
    return {
        "workload": entry.workload,
        "check": entry.check,
        "version": entry.version,
        "columns": findings.columns,
        "dataset": retraining.dataset(this.platform, this.version, rows, entry.check),
        "report": entry.report,
    }


def _remember(this: Check) -> Keys:
    """For labels that are yet to come, where their requests are; returns the rows whose labels were looked at."""
    requests = this.seen.requests if this.has_rows else {}
    looked_at = keys.ordered(row.key for row in this.labelled)
    memory.keep(this.platform.store, this.version, this.bounds.at, this.id, requests, looked_at)
    return looked_at
