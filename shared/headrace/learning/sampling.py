"""A seed and an epoch in; the rows of every batch, the same whenever and wherever they are asked for, out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
BUCKET_BATCHES = 50
"""Batches of a bucket: within so many, examples are sorted by length; across them, they are shuffled."""


class Part(NamedTuple):
    """The rows that one process computes at once: a `share` of what it contributes to the step `batch` of `epoch`."""

    rows: Rows
    epoch: int
    batch: int
    number: int
    share: float
    last: bool


@dataclass(frozen=True, slots=True)
class Sampler:
    """Shuffles `size` examples anew each epoch and cuts them into batches that are the same size on every rank."""

    size: int
    batch: int
    ranks: int = 1
    seed: int = 0
    lengths: npt.NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        if self.size < self.ranks:
            raise ValueError(f"{self.size} examples cannot be shared by {self.ranks} processes")

    @property
    def batches(self) -> int:
        """Batches of an epoch; the last may be smaller."""
        return -(-self.size // (self.batch * self.ranks))

    def epoch(self, epoch: int) -> list[Rows]:
        """The rows of all ranks, batch by batch; with lengths, those of a batch are of like length."""
        random = np.random.default_rng((self.seed, epoch))
        order = random.permutation(self.size)
        step = self.batch * self.ranks
        if self.lengths is None:
            return [order[start : start + step] for start in range(0, self.size, step)]
        batches: list[Rows] = []
        for start in range(0, self.size, step * BUCKET_BATCHES):
            bucket = order[start : start + step * BUCKET_BATCHES]
            bucket = bucket[np.argsort(self.lengths[bucket], kind="stable")]
            batches += [bucket[at : at + step] for at in range(0, len(bucket), step)]
        return [batches[place] for place in random.permutation(len(batches))]

    def share(self, rows: Rows, rank: int) -> Rows:
        """The part of a batch that is `rank`'s. Parts are equal: at the end of an epoch a few rows come twice."""
        if missing := -len(rows) % self.ranks:
            rows = np.resize(rows, len(rows) + missing)
        return rows[rank :: self.ranks]

    def parts(self, epoch: int, start: int, rank: int, accumulate: int) -> Iterator[Part]:
        """What `rank` computes of `epoch` from the batch `start` on, each batch in `accumulate` parts at most."""
        batches = self.epoch(epoch)
        for batch in range(start, len(batches)):
            rows = self.share(batches[batch], rank)
            count = min(accumulate, len(rows))
            cuts = [len(rows) * number // count for number in range(count + 1)]
            for number in range(count):
                piece = rows[cuts[number] : cuts[number + 1]]
                yield Part(piece, epoch, batch, number, len(piece) / len(rows), number == count - 1)
