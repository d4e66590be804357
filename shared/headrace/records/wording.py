"""A fact in; what happened, in a few words and how it is to be taken, out."""

from dataclasses import dataclass
from typing import Literal

from headrace.events import (
    ApprovalRequested,
    BatchScored,
    ChallengerNamed,
    ChallengerTried,
    DatasetReady,
    DatasetRejected,
    DataSuspected,
    DriftChecked,
    DriftDetected,
    DriftRefused,
    Event,
    ModelDecayed,
    ModelPromoted,
    ModelRegistered,
    ModelRejected,
    ModelUnserved,
    RetrainRequested,
    TrainingFailed,
)

Tone = Literal["plain", "good", "doubtful", "bad", "notable"]


@dataclass(frozen=True, slots=True)
class Words:
    """`head` is what a reader who skims sees; `rest` goes on after it."""

    head: str
    rest: str = ""
    tone: Tone = "plain"

    def __str__(self) -> str:
        return f"{self.head} {self.rest}".strip()


def words(fact: Event) -> Words:
    """What happened."""
    match fact:
        case DatasetReady():
            return Words("dataset", f"{fact.dataset} is ready")
        case DatasetRejected():
            return Words("dataset rejected", f"{fact.source}: {fact.reason}", "bad")
        case TrainingFailed():
            return Words("training failed", f"{fact.candidate}: {fact.reason}", "bad")
        case DataSuspected():
            return Words("data may be broken", "; ".join(fact.reasons), "bad")
        case DriftChecked():
            return Words("drift check", f"of {fact.rows} rows answered by version {fact.version}: {fact.outcome}")
        case DriftDetected():
            return Words("drift", f"in {', '.join(fact.columns)}: training on dataset {fact.dataset}", "notable")
        case DriftRefused():
            return Words("drift, and no training", fact.reason, "doubtful")
        case RetrainRequested():
            why = f": {fact.reason}" if fact.reason else ""
            return Words("retraining", f"on {fact.dataset} asked for by {fact.actor}{why}")
        case BatchScored():
            scored = f"{fact.rows} rows scored by version {fact.version}, {fact.rejected} rejected"
            return Words("batch", f"{fact.batch}: {scored}")
    return _of_a_model(fact)


def _of_a_model(fact: Event) -> Words:
    match fact:
        case ModelRegistered():
            return Words(f"version {fact.version}", "registered")
        case ModelRejected():
            return Words(f"version {fact.version} rejected", "; ".join(fact.reasons), "doubtful")
        case ModelPromoted():
            return Words(f"version {fact.version} is champion", fact.reason, "good")
        case ApprovalRequested():
            command = f"`headrace approve {fact.workload}/{fact.version}`"
            return Words(f"version {fact.version} waits for {command}", "; ".join(fact.reasons), "doubtful")
        case ModelUnserved():
            return Words(f"version {fact.version} is not served as it should be", fact.reason, "bad")
        case ModelDecayed():
            return Words(f"version {fact.version} does worse in use", fact.reason, "bad")
        case ChallengerNamed():
            return Words(f"version {fact.version} on trial", f"{fact.mode} of {fact.share:.0%} of the traffic")
        case ChallengerTried():
            return Words(f"trial of version {fact.version} {fact.outcome}", "; ".join(fact.reasons))
    return Words(fact.subject)
