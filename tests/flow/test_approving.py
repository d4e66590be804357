"""Champions that people make: what passed waits, and the command line has the last word."""

import getpass
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import requests

from headrace import settings
from headrace.errors import NotFound
from headrace.events import ApprovalRequested, Event, ModelRejected
from headrace.ports import Version
from headrace.promotion import promotions
from headrace.promotion.approvals import AWAITING
from headrace.promotion.promotions import VERDICT
from headrace.records import audit
from headrace.wiring import GoogleCloud
from tests.flow import models
from tests.flow.checkout import Checkout, checked_out
from tests.flow.loop import EVER, EXAMPLE, WORKLOAD
from tests.flow.models import Models
from tests.flow.waiting import eventually

Fact = TypeVar("Fact", bound=Event)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    """A running platform whose loans want a person asked, and any model of which may be the first champion."""
    with checked_out(tmp_path / "asking") as checkout:
        description = f"shared/workloads/{WORKLOAD}/workload.yaml"
        checkout.edit(description, {"\npromotion:": "\npromotion:\n  approval: manual", "auc: 0.60": "auc: 0.0"})
        with checkout.up():
            yield checkout


def test_what_passed_waits_until_somebody_says_yes_or_no(checkout: Checkout, tmp_path: Path) -> None:
    platform = GoogleCloud(settings.load_for_command_line(checkout.state))
    made = Models(tmp_path)
    testset = models.prepare(platform, made, tmp_path)
    weak, odd = (_waiting(platform, models.register(platform, made.contrary, testset, job)) for job in ("a", "b"))
    assert f"{WORKLOAD}/{weak} waits for `headrace approve {WORKLOAD}/{weak}`" in checkout.headrace("status").stdout
    assert "champion" not in platform.registry.workloads()[WORKLOAD]

    assert checkout.headrace("reject", f"{WORKLOAD}/{odd}", "--reason", "it is odd").returncode == 0
    (rejected,) = _told(platform, ModelRejected, 1)
    assert rejected.reasons[-1] == f"rejected by {getpass.getuser()}: it is odd"
    assert checkout.headrace("approve", f"{WORKLOAD}/{weak}", "--reason", "a start").returncode == 0
    eventually(lambda: _answering(platform) == weak, "the first champion answers")

    good = _waiting(platform, models.register(platform, made.good, testset, "c"))
    assert _answering(platform) == weak
    assert checkout.headrace("approve", f"{WORKLOAD}/{good}", "--reason", "better").returncode == 0
    eventually(lambda: _answering(platform) == good, "the better one answers")
    again = checkout.headrace("approve", f"{WORKLOAD}/{good}")
    assert again.returncode == 1
    assert "does not wait for approval: its verdict is 'promoted'" in " ".join(again.stdout.split())

    assert len(promotions.history(platform.store, WORKLOAD)) == 2
    told = json.loads(checkout.headrace("audit", WORKLOAD, "--json").stdout)
    assert [(each["what"], each["version"], each["actor"]) for each in told if each["what"] != "previous"] == [
        ("rejected", odd, getpass.getuser()),
        ("approved", weak, getpass.getuser()),
        ("champion", weak, getpass.getuser()),
        ("approved", good, getpass.getuser()),
        ("champion", good, getpass.getuser()),
    ]
    assert not any(each["by_hand"] for each in told)
    asked = _told(platform, ApprovalRequested, 3)
    eventually(lambda: all(_people_know(platform, fact) for fact in asked), "people were told that three waited")


def _waiting(platform: GoogleCloud, version: Version) -> int:
    def waits() -> bool:
        return platform.registry.version(WORKLOAD, version.number).tags.get(VERDICT) == AWAITING

    eventually(waits, f"version {version.number} waits")
    return version.number


def _answering(platform: GoogleCloud) -> int:
    answer = requests.post(f"{platform.settings.inference_url}/models/{WORKLOAD}/predict", json=EXAMPLE, timeout=10)
    return int(answer.json().get("version", 0))


def _told(platform: GoogleCloud, kind: type[Fact], count: int) -> list[Fact]:
    """What the audit trail has of one kind, once it has so many."""

    def found() -> list[Fact] | None:
        facts = [each.fact for each in audit.told(platform.audit, WORKLOAD, EVER) if isinstance(each.fact, kind)]
        return facts if len(facts) == count else None

    return eventually(found, f"{count} {kind.__name__} in the audit trail")


def _people_know(platform: GoogleCloud, fact: Event) -> bool:
    try:
        claim = json.loads(platform.store.read(f"claims/notify/{fact.id}.json"))
    except NotFound:
        return False
    return bool(claim["state"] == "done")
