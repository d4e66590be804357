"""A version, or a workload, in; what an operator may decide about it, as the command line does, out."""

from headrace import catalogue
from headrace.promotion import approvals, rollbacks
from headrace.training import asking
from services.studio.confirming import Decision
from services.studio.reading.versions import Seen
from services.studio.studio import Studio


def approve(studio: Studio, version: Seen, why_not: str = "") -> Decision:
    """Make a version champion that waits."""
    workload, number = version.workload, version.number
    instead = f" in place of version {version.against}" if version.against else ""

    def decide(reason: str) -> str:
        approvals.approve(studio.platform, workload, number, studio.person.name, reason)
        return f"Version {number} of {workload} is champion. A rollback takes it back."

    return Decision(
        verb="Approve",
        about=f"version {number} of {workload}",
        happens=f"**{version.name}** becomes champion of **{workload}**{instead}, and answers its requests within "
        "seconds. The first word on a version counts; yours would be it.",
        decide=decide,
        icon=":material/check:",
        why_not=why_not,
    )


def reject(studio: Studio, version: Seen) -> Decision:
    """Turn a version down that waits."""
    workload, number = version.workload, version.number

    def decide(reason: str) -> str:
        approvals.reject(studio.platform, workload, number, studio.person.name, reason)
        return f"Version {number} of {workload} is not promoted."

    return Decision(
        verb="Reject",
        about=f"version {number} of {workload}",
        happens=f"**{version.name}** does not become champion of **{workload}**, and is not judged again. "
        "What answers now goes on.",
        decide=decide,
        icon=":material/block:",
    )


def roll_back(studio: Studio, workload: str, champion: int, target: int | None, why_not: str = "") -> Decision:
    """Return to the champion before, as long as the one that is seen is champion."""

    def decide(reason: str) -> str:
        change = rollbacks.rollback(studio.platform, workload, studio.person.name, reason, of=champion)
        return f"Version {change.version} of {workload} is champion again in place of version {change.replaced}."

    return Decision(
        verb="Roll back",
        about=workload,
        happens=f"**Version {target}** becomes champion of **{workload}** again in place of **version {champion}**, "
        f"and requests go on without a break. Version {champion} is marked as rolled back and is not promoted again by "
        "itself.",
        decide=decide,
        icon=":material/undo:",
        why_not=why_not,
    )


def retrain(studio: Studio, workload: str, dataset: str) -> Decision:
    """Train every candidate on a dataset version, be it the champion's again."""
    candidates = len(catalogue.describe(workload).trained_on_arrival)

    def decide(reason: str) -> str:
        asked = asking.ask(studio.platform, workload, studio.person.name, dataset, reason=reason)
        return f"Training of {workload} on {asked.dataset} is asked for, as request {asked.request}. Loop shows it."

    return Decision(
        verb="Retrain",
        about=workload,
        happens=f"{candidates} candidate{'s' * (candidates != 1)} of **{workload}** train on dataset version "
        f"`{dataset}`, which costs what training costs. Each is judged against the champion.",
        decide=decide,
        icon=":material/model_training:",
        why_not="" if dataset else "Nothing says what could be trained on.",
    )
