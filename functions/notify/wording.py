"""A fact in; a sentence for people, with the command that answers it, out."""

from headrace.bus.triggers import BudgetReported
from headrace.events import (
    ApprovalRequested,
    ChallengerNamed,
    DatasetRejected,
    DataSuspected,
    DriftDetected,
    DriftRefused,
    Event,
    ModelPromoted,
    ModelRejected,
    ModelUnserved,
    TrainingFailed,
)


def sentence(event: Event) -> str:
    """What happened and what can be done about it."""
    match event:
        case DatasetRejected():
            return f"{event.workload}: {event.source} was rejected: {event.reason}"
        case TrainingFailed():
            return f"{event.workload}: training {event.candidate} on {event.dataset} failed: {event.reason}"
        case ModelRejected():
            return f"{event.workload}: version {event.version} was not promoted: {'; '.join(event.reasons)}"
        case ModelPromoted():
            return (
                f"{event.workload}: version {event.version} is champion ({event.reason}). "
                f"`headrace rollback {event.workload}` takes it back."
            )
        case ApprovalRequested():
            model, why = f"{event.workload}/{event.version}", "; ".join(event.reasons)
            return (
                f"{event.workload}: version {event.version} passed and waits for approval ({why}). "
                f"`headrace approve {model}` makes it champion, `headrace reject {model}` turns it down."
            )
        case ModelUnserved():
            return (
                f"{event.workload}: version {event.version}, which the alias {event.alias} names, cannot be served as "
                f"it should be: {event.reason}. Where it is not taken back by itself, `headrace rollback "
                f"{event.workload}` does it."
            )
        case ChallengerNamed():
            return (
                f"{event.workload}: version {event.version} was judged fit and is tried against champion "
                f"{event.champion} ({event.mode} of {event.share:.0%} of the traffic)"
            )
        case DriftDetected():
            return (
                f"{event.workload}: {', '.join(event.columns)} drifted from what version {event.version} learned, and "
                f"training anew begins.{_report(event.report)} `headrace pause` keeps it from going on."
            )
        case DriftRefused():
            return (
                f"{event.workload}: {event.reason}. Version {event.version} stays as it is.{_report(event.report)} "
                f"`headrace retrain {event.workload} --dataset {event.dataset}` trains anew all the same."
            )
        case DataSuspected():
            return (
                f"{event.workload}: what version {event.version} is asked may be broken, and nothing is trained on it: "
                f"{'; '.join(event.reasons)}.{_report(event.report)} Mend what sends it; `headrace check` looks again."
            )
    return f"{event.workload}: {event.wire} {event.subject}"


def _report(address: str | None) -> str:
    return f" The report is at {address}." if address else ""


def spent(report: BudgetReported) -> str:
    """That a budget is spent, what follows, and how it goes on."""
    return f"{report}: no training begins any more, and what is to be trained waits. `headrace resume` goes on."
