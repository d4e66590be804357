"""A registered model version in, or what came of its trial on traffic; a champion, or why it is not one, out."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import functions_framework

from headrace import catalogue
from headrace.bus.runtime import Handlers, receive
from headrace.errors import Busy, NotFound, Rejected
from headrace.events import (
    ApprovalRequested,
    ChallengerNamed,
    ChallengerTried,
    ModelDecayed,
    ModelRegistered,
    ModelRejected,
    ModelUnserved,
)
from headrace.ports import Platform, Version
from headrace.promotion import approvals, outcomes, promotions, rejections, releases, rollbacks, trials
from headrace.promotion.promotions import PROMOTED, REJECTED, VERDICT, Change
from headrace.promotion.rejections import AGAINST, REASONS, TRIAL
from headrace.promotion.trials import ON_TRIAL
from headrace.wiring import on_gcp
from services.evaluator import gate, notes, records

log = logging.getLogger("headrace.evaluator")

Told = ModelRejected | ChallengerNamed | ApprovalRequested


def evaluate(event: ModelRegistered, platform: Platform) -> Iterator[Told]:
    """Judge the version once; a repeat finds the verdict and changes nothing.

    While another version is on trial it waits: the reconciler announces it again once that is over.
    """
    version = _found(event, platform)
    if VERDICT not in version.tags:
        if trying := trials.under_way(platform.registry, event.workload):
            log.info("version %d of %s waits for the trial of %d", event.version, event.workload, trying.number)
            return
        _judge(version, platform)
        version = _found(event, platform)
    yield from _told(version)


def tried(event: ChallengerTried, platform: Platform) -> Iterator[Told]:
    """Settle what is on trial, once; whatever another instance says of it later changes nothing."""
    version = _found(event, platform)
    if version.tags.get(VERDICT) == ON_TRIAL:
        _settle(version, event, platform)
        version = _found(event, platform)
    yield from _told(version)


def unserved(event: ModelUnserved, platform: Platform) -> Iterator[Told]:
    """Take back a promotion of a version that cannot be served, while the policy has it watched."""
    if event.alias == "champion":
        _take_back(platform, event.workload, event.version, event.reason)
    yield from ()


def decayed(event: ModelDecayed, platform: Platform) -> Iterator[Told]:
    """Take back a promotion of a version that does worse in use than when it was judged, if that is asked for."""
    if catalogue.describe(event.workload).promotion.watch_decay:
        _take_back(platform, event.workload, event.version, event.reason)
    yield from ()


def _take_back(platform: Platform, workload: str, version: int, why: str) -> None:
    watched = timedelta(hours=catalogue.describe(workload).promotion.watch_hours)
    if rollbacks.take_back(platform, workload, version, why, watched):
        log.warning("version %d of %s was rolled back: %s", version, workload, why)


def _judge(version: Version, platform: Platform) -> None:
    workload, registry = version.workload, platform.registry
    champion, head = _champion(platform, workload)
    if champion and champion.number == version.number:
        outcomes.conclude(platform, workload, version.number, PROMOTED)  # promoted, and then killed before it was noted
        return
    log.info("judging version %d of %s", version.number, workload)
    judgement = gate.judge(platform, version, champion)
    verdict = judgement.verdict
    noted = notes.tags(platform.store, version, champion, judgement)
    registry.tag(workload, version.number, noted)
    records.keep(platform, version, champion, judgement, noted.get(releases.SEMVER, ""))
    log.info("version %d of %s: %s", version.number, workload, "; ".join(verdict.reasons))
    if verdict.promoted and champion and catalogue.describe(workload).serving.challenger.mode != "off":
        outcomes.write(platform, workload, version.number, ON_TRIAL)
        trials.begin(platform, version)
        return
    outcome = REJECTED
    if verdict.promoted:
        outcome = _passed(version, platform, head, verdict.reasons[0])
    outcomes.conclude(platform, workload, version.number, outcome)


def _passed(version: Version, platform: Platform, head: Change | None, reason: str) -> str:
    """The verdict on a version that passed all that its policy asks for: champion, or up to a person."""
    if catalogue.describe(version.workload).promotion.approval == "manual":
        return approvals.AWAITING
    after = head.change if head else 0
    promotions.promote(platform, version.workload, version.number, platform.component, reason, after)
    return PROMOTED


def _settle(version: Version, event: ChallengerTried, platform: Platform) -> None:
    workload, registry = version.workload, platform.registry
    champion, head = _champion(platform, workload)
    if champion and champion.number == version.number:
        verdict = PROMOTED  # by hand, or by us, killed before it was noted
    elif event.outcome == trials.PASSED and champion and trials.is_fit(version, champion.number):
        reason = "; ".join((*json.loads(version.tags[REASONS]), *event.reasons))
        verdict = _passed(version, platform, head, reason)
    else:
        verdict = REJECTED
        event = _with_change(event, version, champion)
    registry.tag(workload, version.number, {TRIAL: event.model_dump_json(exclude={"workload", "version"})})
    challenger = registry.alias(workload, trials.CHALLENGER)
    if challenger and challenger.number == version.number:
        registry.delete_alias(workload, trials.CHALLENGER)
    outcomes.conclude(platform, workload, version.number, verdict)
    log.info("version %d of %s %s: %s", version.number, workload, verdict, "; ".join(event.reasons))


def _with_change(event: ChallengerTried, version: Version, champion: Version | None) -> ChallengerTried:
    """A trial that was passed is of no use when the champion has changed since."""
    if event.outcome != trials.PASSED:
        return event
    now, before = champion.number if champion else "none", version.tags.get(AGAINST)
    change = f"it was tried against version {before}, but the champion is {now} now"
    return event.model_copy(update={"reasons": (*event.reasons, change)})


def _champion(platform: Platform, workload: str) -> tuple[Version | None, Change | None]:
    """The champion, and the change that made it. Raises Busy while the two disagree."""
    head = promotions.last(platform.store, workload)
    champion = platform.registry.alias(workload, "champion")
    if champion and head and head.version != champion.number:
        raise Busy(
            f"the champion of {workload} is version {head.version} in the ledger, but the alias names "
            f"{champion.number}; the reconciler settles it"
        )
    return champion, head


def _told(version: Version) -> Iterator[Told]:
    champion = int(version.tags[AGAINST]) if AGAINST in version.tags else None
    match version.tags.get(VERDICT):
        case promotions.REJECTED:
            yield rejections.fact(version)
        case trials.ON_TRIAL if champion is not None:
            rule = catalogue.describe(version.workload).serving.challenger
            yield ChallengerNamed(
                workload=version.workload,
                version=version.number,
                champion=champion,
                mode=rule.mode,
                share=rule.share,
            )
        case approvals.AWAITING:
            reasons = rejections.reasons(version)
            yield ApprovalRequested(
                workload=version.workload, version=version.number, champion=champion, reasons=reasons
            )


def _found(event: ModelRegistered | ChallengerTried, platform: Platform) -> Version:
    try:
        return platform.registry.version(event.workload, event.version)
    except NotFound:
        raise Rejected(f"{event.workload} has no version {event.version}; it was deleted") from None


HANDLERS: Handlers = {
    ModelRegistered: evaluate,
    ChallengerTried: tried,
    ModelUnserved: unserved,
    ModelDecayed: decayed,
}


@functions_framework.cloud_event
def main(cloud_event: Any) -> None:
    """Cloud Run's entry point."""
    receive(cloud_event, HANDLERS, on_gcp("mlflow_url"))
