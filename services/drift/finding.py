"""Counted windows, rows whose truth is known and the version that answered in; what differs from what it knew, out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from headrace import loading
from headrace.drift import LABELS, LEAST_ROWS, Watched, Window, all_judged, label_columns, watched
from headrace.drift.profiling import OUTCOMES
from headrace.options.drift import Drift
from services.drift import performance
from services.drift.deciding import Findings
from services.drift.truth import Row

NOTHING = Findings({})


def found(workload: str, rule: Drift, windows: Mapping[str, Window], labelled: Sequence[Row], export: Path) -> Findings:
    """Look at what was asked, what was answered and what is true, which share the rate of false alarms."""
    scored = None
    if len(labelled) >= LEAST_ROWS:
        truth = loading.serving(workload).truth([row.label for row in labelled])
        if LABELS in windows:
            windows[LABELS].add(label_columns(truth), len(truth))
        if (export / OUTCOMES).is_file():
            scored = performance.measure(workload, export, labelled)
    parts = sum(window.rows >= LEAST_ROWS for window in windows.values())
    each = rule.false_alarms / max(parts + (scored is not None), 1)
    alarms = {
        part: [alarm for alarm in alarms if alarm.column not in rule.ignore]
        for part, alarms in all_judged(windows, each, rule.least_change).items()
    }
    return Findings(alarms, scored, scored is not None and scored.has_decayed(each), _watched(rule, windows, each))


def _watched(rule: Drift, windows: Mapping[str, Window], each: float) -> Mapping[str, Sequence[Watched]]:
    """Every column of what there is enough of, for people to see how near an alarm it was."""
    return {
        part: [
            column
            for column in watched(window.reference, window, each, rule.least_change)
            if column.most.column not in rule.ignore
        ]
        for part, window in windows.items()
        if window.rows >= LEAST_ROWS
    }
