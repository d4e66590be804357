"""A fact in; one line for the terminal out."""

from rich.markup import escape

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
    Event,
    ModelPromoted,
    ModelRegistered,
    ModelRejected,
    ModelUnserved,
    RetrainRequested,
    TrainingFailed,
)


def line(fact: Event) -> str:
    """What happened, with rich's markup."""
    match fact:
        case DatasetReady():
            return f"[bold]dataset[/] {fact.dataset} is ready"
        case DatasetRejected():
            return f"[bold red]dataset rejected[/] {escape(fact.source)}: {escape(fact.reason)}"
        case TrainingFailed():
            return f"[bold red]training failed[/] {fact.candidate}: {escape(fact.reason)}"
        case ModelRegistered():
            return f"[bold]version {fact.version}[/] registered"
        case ModelRejected():
            return f"[bold yellow]version {fact.version} rejected[/] {escape('; '.join(fact.reasons))}"
        case ModelPromoted():
            return f"[bold green]version {fact.version} is champion[/] {escape(fact.reason)}"
        case ApprovalRequested():
            command = f"`headrace approve {fact.workload}/{fact.version}`"
            return f"[bold yellow]version {fact.version} waits for {command}[/] {escape('; '.join(fact.reasons))}"
        case ModelUnserved():
            return f"[bold red]version {fact.version} does not load[/] {escape(fact.reason)}"
        case ChallengerNamed():
            return f"[bold]version {fact.version} on trial[/] {fact.mode} of {fact.share:.0%} of the traffic"
        case ChallengerTried():
            return f"[bold]trial of version {fact.version} {fact.outcome}[/] {escape('; '.join(fact.reasons))}"
        case DriftChecked():
            return f"[bold]drift check[/] of {fact.rows} rows answered by version {fact.version}: {fact.outcome}"
        case DataSuspected():
            return f"[bold red]data may be broken[/] {escape('; '.join(fact.reasons))}"
        case DriftDetected():
            return f"[bold magenta]drift[/] in {', '.join(fact.columns)}: training on dataset {fact.dataset}"
        case RetrainRequested():
            return f"[bold]retraining[/] on {fact.dataset} asked for by {fact.actor}"
        case BatchScored():
            scored = f"{fact.rows} rows scored by version {fact.version}, {fact.rejected} rejected"
            return f"[bold]batch[/] {fact.batch}: {scored}"
    return fact.subject
