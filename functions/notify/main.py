"""A fact in; one message to people out."""

from collections.abc import Iterable
from typing import Any

import functions_framework

from functions.notify.wording import sentence, spent
from headrace.bus import claims
from headrace.bus.runtime import Handlers, receive
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
from headrace.ports import Platform
from headrace.wiring import on_gcp

TOLD = (
    ApprovalRequested,
    ChallengerNamed,
    DatasetRejected,
    DataSuspected,
    DriftDetected,
    DriftRefused,
    ModelPromoted,
    ModelRejected,
    ModelUnserved,
    TrainingFailed,
)


def notify(event: Event, platform: Platform) -> Iterable[Event]:
    """Tell people of the fact, once."""
    with claims.once(platform.store, platform.clock, f"notify/{event.id}") as mine:
        if mine:
            platform.people.tell(sentence(event), event.id)
    return ()


def budget_reported(event: BudgetReported, platform: Platform) -> Iterable[Event]:
    """Tell people that a month's budget is spent, once."""
    if event.is_spent(platform.clock.now()):
        with claims.once(platform.store, platform.clock, f"notify/{event.key}") as mine:
            if mine:
                platform.people.tell(spent(event), event.key)
    return ()


HANDLERS: Handlers = {**dict.fromkeys(TOLD, notify), BudgetReported: budget_reported}


@functions_framework.cloud_event
def main(cloud_event: Any) -> None:
    """Cloud Functions' entry point."""
    receive(cloud_event, HANDLERS, on_gcp())
