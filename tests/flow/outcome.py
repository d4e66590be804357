"""A settled dataset version in; the assurance that everything about it happened once, out."""

import time
from collections import Counter

from headrace.data.datasets import manifest_name
from headrace.events import DatasetReady, ModelPromoted, ModelRegistered, ModelRejected, TrainingFailed
from headrace.ports import Version
from headrace.promotion.promotions import VERDICT, Change
from tests.flow.loop import WORKLOAD, Loop
from tests.flow.waiting import eventually

STILL = 1.2
"""Seconds without a new fact or message after which nothing more is expected; the audit trail is a second behind."""


def assert_everything_happened_once(loop: Loop, dataset: str, ready: int = 1) -> None:
    """One dataset version, one model version a candidate, one verdict each, one champion, one message an event.

    `ready` is how many DatasetReady there are of it; a retraining has none.
    """
    versions = loop.versions(dataset)
    jobs = Counter(version.tags["headrace.job"] for version in versions)
    assert jobs == Counter(loop.job_ids(dataset)), f"versions by job: {jobs}"
    assert loop.platform.store.stat(manifest_name(WORKLOAD, dataset))
    assert {version.tags[VERDICT] for version in versions} <= {"promoted", "rejected", "rolled back"}
    eventually(lambda: _told(loop, versions), "people told of every verdict")
    assert_one_champion(loop)
    assert Counter(change.version for change in loop.ledger() if change.actor == "evaluator") >= Counter(
        version.number for version in versions if version.tags[VERDICT] == "promoted"
    )
    assert_nothing_was_told_twice(loop)
    assert loop.dead_letters() == 0, "there are dead letters"
    _assert_the_audit_trail_is_whole(loop, versions)
    assert [fact.dataset for fact in loop.facts(DatasetReady)].count(dataset) == ready
    assert not [fact for fact in loop.facts(TrainingFailed) if fact.dataset == dataset]


def assert_one_champion(loop: Loop) -> None:
    """The ledger has no gap, follows on itself, promotes a version once at most by verdict, and ends at the alias."""
    ledger = loop.ledger()
    assert [change.change for change in ledger] == list(range(1, len(ledger) + 1)), f"a gap in {ledger}"
    assert [change.replaced for change in ledger] == [None, *(change.version for change in ledger[:-1])], f"{ledger}"
    judged = Counter(change.version for change in ledger if change.actor == "evaluator")
    assert not judged or max(judged.values()) == 1, f"promoted more than once: {judged}"
    assert loop.champion() == ledger[-1].version, (
        f"the alias names {loop.champion()}, the ledger ends with {ledger[-1]}"
    )


def assert_nothing_was_told_twice(loop: Loop) -> None:
    """Wait until nobody is told of anything more; then no event has two messages."""
    still_since, seen = time.monotonic(), -1
    while time.monotonic() - still_since < STILL:
        if len(loop.people.messages) != seen:
            still_since, seen = time.monotonic(), len(loop.people.messages)
        time.sleep(0.1)
    twice = {event: loop.people.texts(event) for event, times in loop.people.told().items() if times > 1}
    assert not twice, f"told more than once: {twice}"


def rejection(version: Version) -> str:
    """The event id of a version's rejection."""
    return ModelRejected(workload=WORKLOAD, version=version.number, reasons=()).id


def promotion(change: Change) -> str:
    """The event id of a change of champion."""
    return ModelPromoted(**change.model_dump(exclude={"at"})).id


def _told(loop: Loop, versions: list[Version]) -> bool:
    expected = {rejection(version) for version in versions if version.tags[VERDICT] == "rejected"}
    expected |= {promotion(change) for change in loop.ledger()}
    return expected <= set(loop.people.told())


def _assert_the_audit_trail_is_whole(loop: Loop, versions: list[Version]) -> None:
    numbers = {version.number for version in versions}

    def whole() -> bool:
        registered = {fact.version for fact in loop.facts(ModelRegistered)}
        promoted = {fact.change: fact.version for fact in loop.facts(ModelPromoted)}
        return numbers <= registered and promoted == {change.change: change.version for change in loop.ledger()}

    eventually(whole, f"the audit trail tells of {numbers}", within=20)
