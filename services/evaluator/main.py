"""A registered model version in, or what came of its trial on traffic; a champion, or why it is not one, out."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import functions_framework

from headrace import catalogue, promotions, trials
from headrace.errors import Busy, NotFound, Rejected, WorkloadFailed
from headrace.events import ChallengerNamed, ChallengerTried, ModelRegistered, ModelRejected
from headrace.policy import Verdict
from headrace.ports import Platform, Version
from headrace.promotions import VERDICT, Change
from headrace.runtime import Handlers, receive
from headrace.trials import AGAINST, ON_TRIAL
from headrace.wiring import on_gcp
from services.evaluator import gate

log = logging.getLogger("headrace.evaluator")

PROMOTED, REJECTED = "promoted", "rejected"
REASONS, TRIAL = "headrace.reasons", "headrace.trial"


def evaluate(event: ModelRegistered, platform: Platform) -> Iterator[ModelRejected | ChallengerNamed]:
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


def tried(event: ChallengerTried, platform: Platform) -> Iterator[ModelRejected]:
    """Settle what is on trial, once; whatever another instance says of it later changes nothing."""
    version = _found(event, platform)
    if version.tags.get(VERDICT) == ON_TRIAL:
        _settle(version, event, platform)
        version = _found(event, platform)
    yield from _told_rejection(version)


def _judge(version: Version, platform: Platform) -> None:
    workload, registry = version.workload, platform.registry
    champion, head = _champion(platform, workload)
    if champion and champion.number == version.number:
        registry.tag(workload, version.number, {VERDICT: PROMOTED})  # promoted, and then killed before it was noted
        return
    log.info("judging version %d of %s", version.number, workload)
    verdict = _verdict(platform, version, champion)
    registry.tag(workload, version.number, _noted(verdict, champion))
    log.info("version %d of %s: %s", version.number, workload, "; ".join(verdict.reasons))
    if verdict.promoted and champion and catalogue.describe(workload).serving.challenger.mode != "off":
        trials.begin(platform, version)
        return
    if verdict.promoted:
        promotions.promote(platform, workload, version.number, platform.component, verdict.reasons[0], _after(head))
    registry.tag(workload, version.number, {VERDICT: PROMOTED if verdict.promoted else REJECTED})


def _settle(version: Version, event: ChallengerTried, platform: Platform) -> None:
    workload, registry = version.workload, platform.registry
    champion, head = _champion(platform, workload)
    if champion and champion.number == version.number:
        verdict = PROMOTED  # by hand, or by us, killed before it was noted
    elif event.outcome == trials.PASSED and champion and trials.is_fit(version, champion.number):
        reason = "; ".join((*json.loads(version.tags[REASONS]), *event.reasons))
        promotions.promote(platform, workload, version.number, platform.component, reason, _after(head))
        verdict = PROMOTED
    else:
        verdict = REJECTED
        event = _with_change(event, version, champion)
    registry.tag(workload, version.number, {TRIAL: event.model_dump_json(exclude={"workload", "version"})})
    challenger = registry.alias(workload, trials.CHALLENGER)
    if challenger and challenger.number == version.number:
        registry.delete_alias(workload, trials.CHALLENGER)
    registry.tag(workload, version.number, {VERDICT: verdict})
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


def _after(head: Change | None) -> int:
    return head.change if head else 0


def _told(version: Version) -> Iterator[ModelRejected | ChallengerNamed]:
    if version.tags.get(VERDICT) == ON_TRIAL:
        rule = catalogue.describe(version.workload).serving.challenger
        yield ChallengerNamed(
            workload=version.workload,
            version=version.number,
            champion=int(version.tags[AGAINST]),
            mode=rule.mode,
            share=rule.share,
        )
    yield from _told_rejection(version)


def _told_rejection(version: Version) -> Iterator[ModelRejected]:
    if version.tags.get(VERDICT) == REJECTED:
        reasons = json.loads(version.tags[REASONS])
        if TRIAL in version.tags:
            reasons += json.loads(version.tags[TRIAL])["reasons"]
        yield ModelRejected(workload=version.workload, version=version.number, reasons=tuple(reasons))


def _verdict(platform: Platform, challenger: Version, champion: Version | None) -> Verdict:
    with TemporaryDirectory(prefix="headrace-") as scratch:
        try:
            return gate.judge(platform, challenger, champion, Path(scratch))
        except (WorkloadFailed, Rejected) as error:
            return Verdict(False, (str(error),), {})


def _found(event: ModelRegistered | ChallengerTried, platform: Platform) -> Version:
    try:
        return platform.registry.version(event.workload, event.version)
    except NotFound:
        raise Rejected(f"{event.workload} has no version {event.version}; it was deleted") from None


def _noted(verdict: Verdict, champion: Version | None) -> dict[str, str]:
    numbers = {"challenger": dict(verdict.scores), "champion": dict(verdict.champion_scores or {})}
    against = {AGAINST: str(champion.number)} if champion else {}
    return {REASONS: json.dumps(verdict.reasons), "headrace.scores": json.dumps(numbers)} | against


HANDLERS: Handlers = {ModelRegistered: evaluate, ChallengerTried: tried}


@functions_framework.cloud_event
def main(cloud_event: Any) -> None:
    """Cloud Run's entry point."""
    receive(cloud_event, HANDLERS, on_gcp("mlflow_url"))
