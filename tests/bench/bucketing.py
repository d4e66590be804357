"""Measure what length buckets, trimming and fused Adam save a recurrent network: `python -m tests.bench.bucketing`.

Every row trains the same network on the same texts, on one thread; each is measured in turn, several times.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.optim import Adam
from torch.utils.data import DataLoader, TensorDataset

from headrace.learning import Recipe, fit
from headrace.learning.sampling import Sampler
from headrace.training.folder_run import FolderRun
from workloads.sentiment.learner import SentimentLearner
from workloads.sentiment.network import Classifier
from workloads.sentiment.ragged import Ragged
from workloads.sentiment.settings import Settings

VOCABULARY, HIDDEN, EMBEDDING = 20_000, 64, 64
TEXTS, BATCH, ROUNDS = 2560, 64, 3
MARK = 2.0
"""How many times as fast as padding the last row has to be."""

Batches = Iterator[tuple[Tensor, Tensor]]


class _Bench:
    """Texts of about 20 words and of 60 at most: phrases, tweets. Longer ones, as whole reviews, gain more."""

    def __init__(self) -> None:
        random = np.random.default_rng(0)
        lengths = np.clip(random.lognormal(3.0, 0.6, TEXTS), 1, 60).astype(np.int64)
        words = random.integers(1, VOCABULARY, lengths.sum()).astype(np.int32)
        self.tokens = Ragged(words, np.concatenate([[0], lengths.cumsum()]))
        self.labels = random.integers(0, 2, TEXTS)

    def padded(self) -> float:
        """Every batch as wide as the longest text, through a DataLoader."""
        tokens, labels = self._matrix(np.arange(TEXTS)), torch.from_numpy(self.labels)
        return self._loop(DataLoader(TensorDataset(tokens, labels), BATCH, shuffle=True))

    def trimmed(self) -> float:
        """Batches as they come, each as wide as its own longest text."""
        return self._loop(self._batches(None))

    def alike(self) -> float:
        """Texts of like length together."""
        return self._loop(self._batches(self.tokens.lengths))

    def runner(self) -> float:
        """The workload's own training: the same, with fused Adam."""
        settings = Settings(hidden=HIDDEN, embedding=EMBEDDING, validation=1 / BATCH, word_dropout=0)
        nothing = np.zeros(VOCABULARY, np.int64)
        learner = SentimentLearner(self.tokens, self.labels.astype(np.int8), nothing, settings, None)
        recipe = Recipe(epochs=1, batch_size=BATCH, threads=1, loaders=0, precision="32-true")
        with TemporaryDirectory(prefix="headrace-bench-") as folder:
            run = FolderRun(Path(folder))
            fit(learner, recipe, run)
        return BATCH / run.curves[-1]["examples_per_second"]

    def _batches(self, lengths: "np.typing.NDArray[np.int64] | None") -> Batches:
        for rows in Sampler(TEXTS, BATCH, lengths=lengths).epoch(0):
            yield self._matrix(rows), torch.from_numpy(self.labels[rows])

    def _matrix(self, rows: "np.typing.NDArray[np.int64]") -> Tensor:
        return torch.from_numpy(self.tokens.padded(rows))

    def _loop(self, batches: "Batches | DataLoader[tuple[Tensor, ...]]") -> float:
        """Seconds a step."""
        network = Classifier(np.zeros(VOCABULARY, np.int64), EMBEDDING, HIDDEN, 0.5)
        optimizer = Adam(network.parameters(), 2e-3)
        steps, began = 0, perf_counter()
        for tokens, labels in batches:
            optimizer.zero_grad()
            torch.autograd.backward(cross_entropy(network(tokens), labels))
            optimizer.step()
            steps += 1
        return (perf_counter() - began) / steps


def main() -> None:
    """Measure, and print the medians beside the mark."""
    torch.set_num_threads(1)
    bench = _Bench()
    ways: dict[str, Callable[[], float]] = {
        "padded to the longest text": bench.padded,
        "each batch trimmed": bench.trimmed,
        "like lengths together, trimmed": bench.alike,
        "the training loop: also with fused Adam": bench.runner,
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, measure in ways.items():
            taken[name].append(measure())
    table = Table("batches", "a step", "texts/s", "times padded", title="BiGRU, 20,000 words, hidden size 64, batch 64")
    slowest = median(taken["padded to the longest text"])
    for name, seconds in taken.items():
        step = median(seconds)
        table.add_row(name, f"{step * 1000:.0f} ms", f"{BATCH / step:,.0f}", f"{slowest / step:.2f}")
    Console().print(table, f"mark: the last row at {MARK:g} or more")


if __name__ == "__main__":
    main()
