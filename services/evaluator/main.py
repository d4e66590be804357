"""A registered model version in; a champion, or the reasons why it is not one, out."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import functions_framework

from headrace import promotions
from headrace.errors import Busy, NotFound, Rejected, WorkloadFailed
from headrace.events import ModelRegistered, ModelRejected
from headrace.policy import Verdict
from headrace.ports import Platform, Version
from headrace.promotions import VERDICT
from headrace.runtime import Handlers, receive
from headrace.wiring import on_gcp
from services.evaluator import gate

log = logging.getLogger("headrace.evaluator")

PROMOTED, REJECTED = "promoted", "rejected"


def evaluate(event: ModelRegistered, platform: Platform) -> Iterator[ModelRejected]:
    """Judge the version once; a repeat finds the verdict and changes nothing."""
    challenger = _found(event, platform)
    if VERDICT not in challenger.tags:
        _judge(challenger, platform)
        challenger = _found(event, platform)
    if challenger.tags.get(VERDICT) == REJECTED:
        reasons = tuple(json.loads(challenger.tags["headrace.reasons"]))
        yield ModelRejected(workload=event.workload, version=event.version, reasons=reasons)


def _judge(challenger: Version, platform: Platform) -> None:
    workload, registry = challenger.workload, platform.registry
    head = promotions.last(platform.store, workload)
    champion = registry.alias(workload, "champion")
    if champion and champion.number == challenger.number:
        registry.tag(workload, challenger.number, {VERDICT: PROMOTED})  # promoted, and then killed before it was noted
        return
    if champion and head and head.version != champion.number:
        raise Busy(
            f"the champion of {workload} is version {head.version} in the ledger, but the alias names "
            f"{champion.number}; the reconciler settles it"
        )
    registry.set_alias(workload, "challenger", challenger.number)
    verdict = _verdict(platform, challenger, champion)
    registry.tag(workload, challenger.number, _noted(verdict, champion))
    if verdict.promoted:
        after = head.change if head else 0
        promotions.promote(platform, workload, challenger.number, platform.component, verdict.reasons[0], after)
    registry.tag(workload, challenger.number, {VERDICT: PROMOTED if verdict.promoted else REJECTED})
    log.info("version %d of %s: %s", challenger.number, workload, "; ".join(verdict.reasons))


def _verdict(platform: Platform, challenger: Version, champion: Version | None) -> Verdict:
    with TemporaryDirectory(prefix="headrace-") as scratch:
        try:
            return gate.judge(platform, challenger, champion, Path(scratch))
        except (WorkloadFailed, Rejected) as error:
            return Verdict(False, (str(error),), {})


def _found(event: ModelRegistered, platform: Platform) -> Version:
    try:
        return platform.registry.version(event.workload, event.version)
    except NotFound:
        raise Rejected(f"{event.workload} has no version {event.version}; it was deleted") from None


def _noted(verdict: Verdict, champion: Version | None) -> dict[str, str]:
    numbers = {"challenger": dict(verdict.scores), "champion": dict(verdict.champion_scores or {})}
    against = {"headrace.against": str(champion.number)} if champion else {}
    return {"headrace.reasons": json.dumps(verdict.reasons), "headrace.scores": json.dumps(numbers)} | against


HANDLERS: Handlers = {ModelRegistered: evaluate}


@functions_framework.cloud_event
def main(cloud_event: Any) -> None:
    """Cloud Run's entry point."""
    receive(cloud_event, HANDLERS, on_gcp("mlflow_url"))
