"""Every event delivered five times, concurrently and reordered: what comes of it is what one delivery brings."""

import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor

from headrace.promotion.promotions import Change
from tests.flow import deliveries
from tests.flow.deliveries import Delivery
from tests.flow.loop import CANDIDATES, WORKLOAD, Loop
from tests.flow.outcome import assert_everything_happened_once
from tests.flow.waiting import eventually
from tests.flow.witness import Seen, witnessing

State = tuple[list[tuple[int, dict[str, str]]], list[Change], list[str], int]


def test_everything_told_of_a_finished_turn_may_be_delivered_again(
    shared: Loop, first_turn: str, seen: list[Seen]
) -> None:
    assert_everything_happened_once(shared, first_turn)
    before = _state(shared)
    messages = list(seen)
    assert {"dataset-ready", "model-registered", "model-promoted", "training-jobs"} <= {each.topic for each in messages}
    again = [push for message in messages for push in deliveries.pushes(shared.stack, message)]
    deliveries.five_times_shuffled([*again, *_uploads(shared), *_webhooks(shared), *_schedules(shared)])
    assert_everything_happened_once(shared, first_turn)
    assert _state(shared) == before


def test_what_is_delivered_five_times_at_once_while_it_happens_happens_once(shared: Loop, first_turn: str) -> None:
    sent: list[Future[None]] = []
    with ThreadPoolExecutor(deliveries.AT_ONCE) as threads:

        def five_times(delivery: Delivery) -> None:
            sent.extend(threads.submit(delivery.until_taken) for _ in range(deliveries.TIMES))

        def repeat(message: Seen) -> None:
            for push in deliveries.pushes(shared.stack, message):
                five_times(push)

        with witnessing(shared.stack, repeat, "repeat"):
            path = shared.month(drift=1.0)
            stat = shared.upload(path)
            five_times(deliveries.finalized(shared.stack, shared.platform.data.bucket, stat.name))
            dataset = shared.dataset_of(stat)
            eventually(lambda: len(shared.versions(dataset)) == len(CANDIDATES), "a version of every candidate")
            for hook in _webhooks(shared):
                five_times(hook)
            shared.settle(dataset)
            assert_everything_happened_once(shared, dataset)
    assert len(sent) > 100
    for each in sent:
        each.result()
    assert_everything_happened_once(shared, dataset)


def test_a_job_that_is_started_again_after_it_registered_registers_nothing(shared: Loop, first_turn: str) -> None:
    before = _state(shared)
    version = shared.versions(first_turn)[0]
    tags = version.tags
    order = {"workload": WORKLOAD, "dataset": first_turn, "candidate": tags["headrace.candidate"]}
    words = [f"--{name}={value}" for name, value in {**order, "job": tags["headrace.job"]}.items()]
    variables = {**shared.stack.plan.settings("training").environment(), "PYTHONPATH": str(shared.stack.plan.root)}
    command = [sys.executable, "-m", "services.trainer.job", *words]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert f"registered version {version.number}" in done.stderr
    assert _state(shared) == before


def _state(loop: Loop) -> State:
    versions = [(version.number, dict(version.tags)) for version in loop.versions()]
    objects = [stat.name for stat in loop.platform.store.list("datasets/")]
    return versions, list(loop.ledger()), objects, len(loop.jobs())


def _uploads(loop: Loop) -> list[Delivery]:
    bucket = loop.platform.data
    return [deliveries.finalized(loop.stack, bucket.bucket, stat.name) for stat in bucket.list(f"{WORKLOAD}/")]


def _webhooks(loop: Loop) -> list[Delivery]:
    """Each version's creation and each alias that was ever set; five times the same id is a replay."""
    created = [
        {"name": WORKLOAD, "version": str(each.number), "source": each.source, "run_id": each.run_id, "tags": each.tags}
        for each in loop.versions()
    ]
    aliases = [{"name": WORKLOAD, "alias": "champion", "version": str(change.version)} for change in loop.ledger()]
    return [
        *(deliveries.webhook(loop.stack, "model_version", "created", data) for data in created),
        *(deliveries.webhook(loop.stack, "model_version_alias", "created", data) for data in aliases),
    ]


def _schedules(loop: Loop) -> list[Delivery]:
    return [deliveries.due(loop.stack, "reconcile")]
