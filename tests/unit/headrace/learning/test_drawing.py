from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from headrace.learning.drawing import Draws, seed_step
from headrace.learning.sampling import Part


def part(epoch: int = 0, batch: int = 0, number: int = 0) -> Part:
    return Part(np.arange(4), epoch, batch, number, 1.0, True)


def drawn(draws: Draws, of: Part) -> list[float]:
    return list(draws.of(of).standard_normal(6))


def test_a_part_always_draws_the_same_whatever_was_drawn_before() -> None:
    draws = Draws(3, 0)
    first = drawn(draws, part(1, 2))
    draws.of(part(5, 5)).random(1001, np.float32)
    assert drawn(draws, part(1, 2)) == first == drawn(Draws(3, 0), part(1, 2))


def test_seeds_ranks_epochs_batches_and_parts_draw_differently() -> None:
    streams = [
        drawn(Draws(0, 0), part()),
        drawn(Draws(1, 0), part()),
        drawn(Draws(0, 1), part()),
        drawn(Draws(0, 0), part(epoch=1)),
        drawn(Draws(0, 0), part(batch=1)),
        drawn(Draws(0, 0), part(number=1)),
    ]
    assert len({number for stream in streams for number in stream}) == 36


def test_threads_draw_the_same_as_one() -> None:
    draws, parts = Draws(0, 0), [part(batch=batch) for batch in range(200)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda each: drawn(draws, each), parts)) == [drawn(draws, each) for each in parts]


def test_a_step_seeds_pytorch_by_itself() -> None:
    def draw(*place: int) -> list[float]:
        seed_step(*place)
        return list(map(float, torch.rand(3)))

    assert draw(0, 5) == draw(0, 5)
    assert len({tuple(draw(*place)) for place in [(0, 5), (0, 6), (1, 5), (0, 5, 1)]}) == 4
