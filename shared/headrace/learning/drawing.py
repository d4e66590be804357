"""A seed, an epoch, a batch and a part in; random numbers that depend on nothing else, out."""

import threading

import numpy as np
import torch

from headrace.learning.sampling import Part


class Draws(threading.local):
    """A generator for each thread, set to the stream of one part of one batch. Philox counts, so that this is cheap."""

    def __init__(self, seed: int, rank: int) -> None:
        bits = np.random.Philox(key=seed)
        self._generator, self._rank = np.random.Generator(bits), rank
        self._state = bits.state

    def of(self, part: Part) -> np.random.Generator:
        """The generator, at the beginning of the stream of `part`."""
        self._state["state"]["counter"][:] = (0, part.number, (part.batch << 16) + self._rank, part.epoch)
        self._generator.bit_generator.state = self._state
        return self._generator


def seed_step(seed: int, step: int = 0, rank: int = 0) -> None:
    """Seed PyTorch for one step: what is drawn depends on no step before, so a resumed training draws the same.

    `torch.manual_seed` would do, if it did not note down a stack trace for each kind of device that is not there.
    """
    number = ((seed * 1_000_003 + step) * 4_099 + rank) & 0x7FFFFFFF
    torch.default_generator.manual_seed(number)
    if torch.cuda.is_available():
        torch.cuda.manual_seed(number)
