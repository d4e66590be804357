"""A counted window and the version that answered it in; every difference from what the version knew, out."""

from pathlib import Path

from headrace import catalogue
from headrace.drift import LABELS, LEAST_ROWS, all_judged, label_columns
from headrace.drift.profiling import OUTCOMES
from headrace.options.drift import Drift
from services.drift import performance
from services.drift.deciding import Findings
from services.drift.window import Seen

NOTHING = Findings({})


def found(workload: str, rule: Drift, seen: Seen, export: Path) -> Findings:
    """Look at what was asked, what was answered and what is true, which share the rate of false alarms."""
    scored = performance.measure(workload, export, seen.labelled) if _can_be_scored(seen, export) else None
    if len(seen.labelled) >= LEAST_ROWS and LABELS in seen.windows:
        truth = catalogue.serving(workload).truth([label for _, label in seen.labelled])
        seen.windows[LABELS].add(label_columns(truth), len(truth))
    parts = sum(window.rows >= LEAST_ROWS for window in seen.windows.values())
    each = rule.false_alarms / (parts + (scored is not None))
    alarms = {
        part: [alarm for alarm in alarms if alarm.column not in rule.ignore]
        for part, alarms in all_judged(seen.windows, each, rule.least_change).items()
    }
    return Findings(alarms, scored, scored is not None and scored.has_decayed(each))


def _can_be_scored(seen: Seen, export: Path) -> bool:
    return len(seen.labelled) >= LEAST_ROWS and (export / OUTCOMES).is_file()
