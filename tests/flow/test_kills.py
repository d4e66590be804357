"""Every process killed with SIGKILL in the middle of its work and started again: the turn ends as a quiet one does."""

from collections.abc import Callable, Sequence

import pytest

from localcloud.batch.preemption import preempt
from localcloud.stack.programs import PROJECT, REGION
from tests.flow.loop import Loop
from tests.flow.moments import MOMENTS, training
from tests.flow.outcome import assert_everything_happened_once
from tests.flow.processes import answering, kill
from tests.flow.waiting import eventually

WHILE_DATA_COMES_IN = ("ingest", "scheduler", "run", "trainer", "storage", "batch")
WHILE_MODELS_ARE_JUDGED = ("registry_hook", "pubsub", "mlflow", "evaluator", "notify", "reconcile", "inference")

New = Callable[[], Loop]


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(WHILE_DATA_COMES_IN, id="data", marks=pytest.mark.slow),
        pytest.param(WHILE_MODELS_ARE_JUDGED, id="judgement"),
    ],
)
def test_a_turn_in_which_process_after_process_is_killed_ends_as_a_quiet_one(fresh: New, names: Sequence[str]) -> None:
    loop = fresh()
    dataset = loop.drop()
    _kill_each_in_its_moment(loop, dataset, names)
    _assert_the_loop_goes_on(loop, dataset)


@pytest.mark.slow
@pytest.mark.parametrize("name", MOMENTS)
def test_a_turn_in_which_one_process_is_killed_ends_as_a_quiet_one(fresh: New, name: str) -> None:
    loop = fresh()
    dataset = loop.drop()
    _kill_each_in_its_moment(loop, dataset, [name])
    _assert_the_loop_goes_on(loop, dataset)


@pytest.mark.slow
@pytest.mark.parametrize("name", MOMENTS)
def test_a_process_that_is_killed_again_and_again_only_holds_the_turn_up(fresh: New, name: str) -> None:
    loop = fresh()
    dataset = loop.drop()
    for _ in range(5):
        kill(loop.stack, name)
        eventually(lambda: answering(loop.stack, name), f"{name} answers again")
    _assert_the_loop_goes_on(loop, dataset)


def test_a_machine_that_is_taken_away_while_it_trains_costs_no_model(shared: Loop, first_turn: str) -> None:
    dataset = shared.drop()
    job = shared.job_ids(dataset)[-1]
    eventually(lambda: training(shared, dataset), "training")
    name = f"projects/{PROJECT}/locations/{REGION}/jobs/{job}"
    eventually(lambda: _preempted(shared, name), f"{job} runs and is preempted")
    shared.settle(dataset)
    assert_everything_happened_once(shared, dataset)


def _kill_each_in_its_moment(loop: Loop, dataset: str, names: Sequence[str]) -> None:
    for name in names:
        eventually(lambda: MOMENTS[name](loop, dataset), f"the moment of {name}")  # noqa: B023 - called at once
        assert not loop.settled(dataset), f"the turn was over before {name} could be killed"
        kill(loop.stack, name)


def _assert_the_loop_goes_on(loop: Loop, dataset: str) -> None:
    loop.settle(dataset)
    assert_everything_happened_once(loop, dataset)
    eventually(lambda: loop.predict()["version"] == loop.champion(), "the champion answers")
    for name in loop.stack.processes:
        assert answering(loop.stack, name), f"{name} does not answer"


def _preempted(loop: Loop, name: str) -> bool:
    preempt(loop.platform.settings.batch_endpoint, name)
    return True
