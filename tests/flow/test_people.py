"""Slack that refuses, that is slow, and a notifier killed while it talks to it: people read of every event once."""

import pytest

from headrace.events import DatasetRejected
from tests.flow import deliveries, loans
from tests.flow.loop import WORKLOAD, Loop
from tests.flow.outcome import assert_nothing_was_told_twice
from tests.flow.processes import kill
from tests.flow.waiting import eventually
from tests.flow.witness import Seen

LEASE_AND_RETRY = 240
"""Seconds: more than the lease of a claim and the longest pause between two attempts."""


def test_a_message_that_slack_refuses_is_sent_until_it_is_taken(shared: Loop) -> None:
    shared.people.refusals = 3
    rejected = _reject(shared)
    eventually(lambda: shared.people.told()[rejected.id], "people told")
    assert shared.people.refusals == 0
    assert_nothing_was_told_twice(shared)


def test_five_deliveries_while_slack_is_slow_are_one_message(shared: Loop, seen: list[Seen]) -> None:
    shared.people.awake.clear()
    rejected = _reject(shared)
    message = eventually(lambda: [each for each in seen if rejected.id.encode() in each.data], "the event on the bus")
    pushes = deliveries.pushes(shared.stack, message[0])
    statuses = [push.send() for push in pushes for _ in range(deliveries.TIMES)]
    assert set(statuses) == {500}, "somebody else was at it"
    assert not shared.people.told()[rejected.id]
    shared.people.awake.set()
    eventually(lambda: shared.people.told()[rejected.id], "people told")
    deliveries.five_times_shuffled(pushes)
    assert_nothing_was_told_twice(shared)


@pytest.mark.slow
def test_a_notifier_killed_while_it_speaks_speaks_again_when_its_claim_has_lapsed(shared: Loop) -> None:
    shared.people.awake.clear()
    rejected = _reject(shared)
    claim = f"claims/notify/{rejected.id}.json"
    eventually(lambda: shared.platform.store.stat(claim), "the claim of the notifier")
    kill(shared.stack, "notify")
    shared.people.awake.set()
    eventually(lambda: shared.people.told()[rejected.id], "people told", LEASE_AND_RETRY)
    assert_nothing_was_told_twice(shared)


def _reject(loop: Loop) -> DatasetRejected:
    stat = loop.upload(loans.empty(loop.month()))
    source = f"{loop.platform.data.uri(stat.name)}#{stat.generation}"
    return DatasetRejected(workload=WORKLOAD, source=source, reason="any")
