"""A budget that is spent, or a person who pauses: nothing trains until training is resumed, and nothing is lost."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from headrace.errors import Rejected
from headrace.ports import Message
from headrace.training import pausing
from tests.flow import deliveries
from tests.flow.loop import CANDIDATES, Loop
from tests.flow.outcome import assert_nothing_was_told_twice
from tests.flow.waiting import eventually
from tests.flow.witness import Seen

SECONDS = 60
Run = Callable[..., str]


@pytest.fixture
def headrace(shared: Loop) -> Iterator[Run]:
    """Runs a command on the shared stack and returns what it prints; afterwards nothing is paused."""

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "headrace.cli.main", *words, "--state", str(shared.state)]
        environment = {"COLUMNS": "200", "PATH": "/usr/bin:/bin", "USER": "somebody"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=environment, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    yield run
    with suppress(Rejected):
        pausing.resume(shared.platform, "the test")


def reported(loop: Loop, cost: float) -> Message:
    """What Cloud Billing publishes in the present month."""
    data = {
        "budgetDisplayName": "headrace",
        "alertThresholdExceeded": 1.0,
        "costAmount": cost,
        "costIntervalStart": f"{loop.platform.clock.now():%Y-%m-01T08:00:00Z}",
        "budgetAmount": 50.0,
        "budgetAmountType": "SPECIFIED_AMOUNT",
        "currencyCode": "EUR",
    }
    attributes = {"billingAccountId": "01D4EE-079462-DFD6EC", "budgetId": "b-1", "schemaVersion": "1.0"}
    return Message("budget", json.dumps(data).encode(), attributes)


def test_a_spent_budget_stops_training_once_and_what_is_dropped_meanwhile_trains_when_it_is_resumed(
    shared: Loop, headrace: Run
) -> None:
    for cost in (27.31, 50.0, 50.08):
        shared.platform.bus.publish(reported(shared, cost))
    pause = eventually(lambda: pausing.current(shared.platform.store), "training is paused")
    dataset = shared.drop()
    eventually(lambda: pausing.count_waiting(shared.platform.store, pause) == 1, "the dataset waits")
    assert not shared.jobs(dataset)
    (text,) = eventually(lambda: shared.people.texts(pause.cause), "people told that the budget is spent")
    assert "are spent: no training begins any more" in text

    assert "training goes on, with 1 that waited" in headrace("resume")
    shared.settle(dataset)
    assert len(shared.versions(dataset)) == len(CANDIDATES)
    message = reported(shared, 61.5)
    pushes = deliveries.pushes(shared.stack, Seen(message.topic, "any", message.data, dict(message.attributes)))
    assert {push.send() for push in pushes} == {200}
    assert pausing.current(shared.platform.store) is None
    assert_nothing_was_told_twice(shared)


def test_a_person_pauses_training_and_resumes_it(shared: Loop, headrace: Run) -> None:
    assert "training is paused since" in headrace("pause", "--reason", "the holidays")
    assert "by somebody: the holidays; 0 asked for meanwhile wait" in headrace("status")
    assert "training goes on, with 0 that waited" in headrace("resume")
    assert "paused" not in headrace("status")
