"""A workload that says how its challengers are tried, and what the evaluator and the reconciler do about one."""

from typing import Any

import pytest

from functions.reconcile.main import reconcile
from headrace import catalogue
from headrace.bus.triggers import ScheduleDue
from headrace.events import ChallengerNamed, ChallengerTried, Event, ModelRegistered, ModelRejected
from headrace.ports import Version
from services.evaluator.main import evaluate, tried
from tests.fakes import FakePlatform

from .judging import W

HOURS = 6.0


def described(monkeypatch: pytest.MonkeyPatch, **rule: Any) -> None:
    """Have workload.yaml say so of its challengers."""
    before = catalogue.describe(W)
    changed = before.serving.challenger.model_validate({"hours": HOURS, **rule})
    serving = before.serving.model_copy(update={"challenger": changed})
    monkeypatch.setattr(catalogue, "describe", lambda _: before.model_copy(update={"serving": serving}))


def evaluated(platform: FakePlatform, version: Version) -> list[ModelRejected | ChallengerNamed]:
    facts = evaluate(ModelRegistered(workload=W, version=version.number), platform)
    return [fact for fact in facts if isinstance(fact, ModelRejected | ChallengerNamed)]


def ended(platform: FakePlatform, version: Version, outcome: str, *reasons: str) -> list[ModelRejected]:
    fact = ChallengerTried(workload=W, version=version.number, mode="canary", outcome=outcome, reasons=reasons)
    return [told for told in tried(fact, platform) if isinstance(told, ModelRejected)]


def reconciled(platform: FakePlatform) -> list[Event]:
    return list(reconcile(ScheduleDue(schedule="reconcile"), platform))
