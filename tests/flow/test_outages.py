"""MLflow away while models are registered, and webhooks that never arrive."""

import time
from collections.abc import Callable

import pytest

from headrace.events import ModelPromoted, ModelRegistered
from tests.flow.loop import Loop
from tests.flow.moments import all_registered, training
from tests.flow.outcome import assert_everything_happened_once
from tests.flow.processes import away, stopped
from tests.flow.waiting import eventually

RETRIES_SECONDS = 12
"""MLflow tries a webhook four times within ten seconds and then forgets it."""


@pytest.mark.parametrize(
    ("outage", "seconds"),
    [
        pytest.param(stopped, 8, id="hangs for 8 s", marks=pytest.mark.slow),
        pytest.param(stopped, 30, id="hangs for 30 s", marks=pytest.mark.slow),
        pytest.param(away, 30, id="refuses for 30 s", marks=pytest.mark.slow),
        pytest.param(away, 8, id="refuses for 8 s"),
    ],
)
def test_mlflow_may_be_down_while_jobs_register_their_models(
    shared: Loop, first_turn: str, outage: Callable[..., object], seconds: float
) -> None:
    dataset = shared.drop(drift=0.5)
    eventually(lambda: training(shared, dataset), "training")
    with outage(shared.stack, "mlflow"):  # type: ignore[attr-defined]
        time.sleep(seconds)
    shared.settle(dataset)
    assert_everything_happened_once(shared, dataset)


def test_the_schedule_makes_up_for_webhooks_that_were_lost(fresh: Callable[[], Loop]) -> None:
    loop = fresh()
    with away(loop.stack, "registry_hook"):
        dataset = loop.drop()
        eventually(lambda: all_registered(loop, dataset), "a version of every candidate")
        loop.settle(dataset)
        assert_everything_happened_once(loop, dataset)
    told = [each for each in loop.trail() if isinstance(each.fact, ModelRegistered | ModelPromoted)]
    assert {each.source for each in told} == {"//headrace/reconcile"}


def test_a_webhook_that_is_late_is_not_lost(shared: Loop, first_turn: str) -> None:
    with away(shared.stack, "registry_hook"):
        dataset = shared.drop()
        eventually(lambda: shared.versions(dataset), "a version")
        time.sleep(1)
    shared.settle(dataset)
    assert_everything_happened_once(shared, dataset)
