"""A fact in; a sentence for people, with the command that answers it, out."""

from headrace.events import (
    ChallengerNamed,
    DatasetRejected,
    DriftDetected,
    Event,
    ModelPromoted,
    ModelRejected,
    ModelUnserved,
    TrainingFailed,
)
from headrace.triggers import BudgetReported


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
        case ModelUnserved():
            return (
                f"{event.workload}: the inference service cannot load version {event.version}, which the alias "
                f"{event.alias} names, and goes on without it: {event.reason}"
            )
        case ChallengerNamed():
            return (
                f"{event.workload}: version {event.version} was judged fit and is tried against champion "
                f"{event.champion} ({event.mode} of {event.share:.0%} of the traffic)"
            )
        case DriftDetected():
            return f"{event.workload}: {', '.join(event.columns)} drifted; the report is at {event.report}"
    return f"{event.workload}: {event.wire} {event.subject}"


def spent(report: BudgetReported) -> str:
    """That a budget is spent, what follows, and how it goes on."""
    return f"{report}: no training begins any more, and what is to be trained waits. `headrace resume` goes on."
