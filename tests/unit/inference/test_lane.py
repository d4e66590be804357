"""Threads that answer: whose rows they take when they are done with others."""

import asyncio
from collections.abc import Callable, Sequence
from threading import Condition, Event, Semaphore
from time import monotonic
from typing import Any, cast

import pytest

from headrace.workload import Instance
from services.inference.answering.lane import Bounds, Lane, Predicted
from services.inference.answering.threads import Threads
from services.inference.hosting.models import Served
from services.inference.web.answers import Refused

BOUNDS = Bounds(queue=100, rows=8, gather=0.0, longest=1.0)
SOON = 5.0


class _Model:
    """Answers a row at a time, once it is let go."""

    workload, call_seconds, row_seconds = "slow", 0.0, 1.0

    def __init__(self) -> None:
        self.go, self.asked = Event(), list[int]()
        self._changed = Condition()

    def seconds(self, rows: int) -> float:
        return rows * self.row_seconds

    def predict(self, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        with self._changed:
            self.asked += [row["a"] for row in instances]
            self._changed.notify_all()
        self.go.wait(SOON)
        return [{"score": row["a"]} for row in instances]

    def is_asked(self, times: int) -> bool:
        """Whether it soon was asked for so many rows. The loop stands still meanwhile."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.asked) >= times, SOON)


def _ask(lane: Lane, model: _Model, a: int, deadline: float = SOON) -> asyncio.Future[Predicted]:
    return lane.predict(cast(Served, model), [{"a": a}], monotonic() + deadline)


def _lane(
    threads: Threads, width: int = 1, bounds: Bounds = BOUNDS, called: Callable[[int], None] = lambda _: None
) -> Lane:
    return Lane(bounds, threads, width, called)


async def _said(answers: Sequence[asyncio.Future[Predicted]]) -> list[int]:
    async with asyncio.timeout(4 * SOON):
        found = await asyncio.gather(*answers)
    return [answer.predictions[0]["score"] for answer in found]


async def _turn() -> None:
    await asyncio.sleep(0)


def test_a_thread_that_is_done_takes_what_waits_while_the_loop_stands_still() -> None:
    model = _Model()

    async def five() -> None:
        lane = _lane(threads)
        answers = [_ask(lane, model, a) for a in range(5)]
        await _turn()
        assert model.is_asked(1)
        assert lane.waiting == 4
        model.go.set()
        assert model.is_asked(5)
        assert lane.waiting == 0
        assert await _said(answers) == [0, 1, 2, 3, 4]

    with Threads(1) as threads:
        asyncio.run(five())


def test_a_workload_that_always_has_more_leaves_others_their_turn() -> None:
    busy, other = _Model(), _Model()

    async def both() -> None:
        first, second = _lane(threads), _lane(threads)
        many = [_ask(first, busy, a) for a in range(50)]
        await _turn()
        assert busy.is_asked(1)
        one = _ask(second, other, 7)
        await _turn()
        assert threads.wanted
        busy.go.set()
        assert other.is_asked(1)
        assert len(busy.asked) == 1
        other.go.set()
        assert await _said([one]) == [7]
        assert await _said(many) == [*range(50)]

    with Threads(1) as threads:
        asyncio.run(both())


def test_who_left_or_is_too_late_is_not_computed_by_a_thread_that_goes_on() -> None:
    model = _Model()

    async def four() -> None:
        lane = _lane(threads)
        first, left, late, last = (_ask(lane, model, a, wait) for a, wait in enumerate((SOON, SOON, 0.05, SOON)))
        await _turn()
        left.cancel()
        await asyncio.sleep(0.1)
        model.go.set()
        assert await _said([first, last]) == [0, 3]
        with pytest.raises(Refused, match="deadline passed"):
            await late

    with Threads(1) as threads:
        asyncio.run(four())
    assert model.asked == [0, 3]


def test_each_call_is_answered_once_whoever_takes_it() -> None:
    model = _Model()
    model.go.set()
    model.row_seconds = 0.002

    async def many() -> None:
        lane = _lane(threads, width=4)
        answers: list[asyncio.Future[Predicted]] = []
        while len(answers) < 2000:
            if lane.waiting < BOUNDS.queue:
                answers.append(_ask(lane, model, len(answers)))
            else:
                await _turn()
        assert await _said(answers) == [*range(2000)]
        assert lane.waiting == 0

    with Threads(4) as threads:
        asyncio.run(many())
    assert sorted(model.asked) == [*range(2000)]


def test_a_mistake_on_a_thread_is_said_and_stops_no_other_call() -> None:
    model, said, rows = _Model(), list[Any](), list[int]()
    model.go.set()

    def called(count: int) -> None:
        rows.append(count)
        if len(rows) == 1:
            raise RuntimeError("a mistake")

    async def two() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(str(context["exception"])))
        lane = Lane(BOUNDS, threads, 1, called)
        lost = _ask(lane, model, 1)
        await _turn()
        assert await _said([_ask(lane, model, 2)]) == [2]
        assert not lost.done()

    with Threads(1) as threads:
        asyncio.run(two())
    assert said == ["a mistake"]


def test_threads_are_busy_while_none_is_free_and_a_mistake_frees_one() -> None:
    go, begun = Event(), Semaphore(0)

    def work() -> None:
        begun.release()
        assert go.wait(10)
        raise RuntimeError("a mistake")

    with Threads(2) as threads:
        assert not threads.busy
        first = threads.submit(work)
        assert begun.acquire(timeout=10)
        assert not threads.busy
        second = threads.submit(work)
        assert begun.acquire(timeout=10)
        assert threads.busy
        go.set()
        assert {str(each.exception(10)) for each in (first, second)} == {"a mistake"}
        assert not threads.busy


@pytest.mark.parametrize(
    ("call_seconds", "row_seconds", "longest", "rows"),
    [
        pytest.param(15e-6, 4e-6, 0.1, 58, id="in a quarter of a millisecond nobody waits"),
        pytest.param(0.01, 0.02, 0.1, 4, id="until a call is an eighth of what it costs"),
        pytest.param(0.01, 0.005, 0.05, 8, id="and no longer than a call may last"),
        pytest.param(0.0, 0.02, 0.1, 1, id="alone, where others' company saves nothing"),
        pytest.param(0.0, 0.0, 0.1, 64, id="as many as the workload says, where none costs anything"),
        pytest.param(0.2, 0.02, 0.1, 1, id="alone, where even that takes too long"),
    ],
)
def test_a_call_takes_so_many_rows_as_pay_off(
    call_seconds: float, row_seconds: float, longest: float, rows: int
) -> None:
    model, calls = _Model(), list[int]()
    model.call_seconds, model.row_seconds = call_seconds, row_seconds
    model.go.set()

    async def hundred() -> None:
        lane = _lane(threads, bounds=Bounds(100, 64, 0.0, longest), called=calls.append)
        assert len(await _said([_ask(lane, model, a) for a in range(100)])) == 100

    with Threads(1) as threads:
        asyncio.run(hundred())
    assert calls[0] == rows
    assert sum(calls) == 100
