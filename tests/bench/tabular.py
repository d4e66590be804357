"""Measure how fast a perceptron trains on rows of numbers: `python -m tests.bench.tabular`.

Every way trains the same network with batches of the same size, on one thread; each is measured in turn, several
times. What scales the numbers is part of the training loop only: the others are given them scaled.
"""

from collections.abc import Callable, Iterable
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
from torch.optim import AdamW
from torch.utils.data import DataLoader, TensorDataset

from headrace.learning import Recipe, fit
from headrace.training.folder_run import FolderRun
from workloads.synth_tabular.dataset import Rows
from workloads.synth_tabular.learner import TableLearner
from workloads.synth_tabular.network import Scaler, perceptron
from workloads.synth_tabular.settings import Settings

ROWS, FEATURES, CLASSES, HIDDEN = 60_000, 20, 5, (128, 64)
BATCH, EPOCHS, ROUNDS = 256, 5, 7
MARK, WAIT_MARK = 2.5, 0.01
"""The training loop's rows a second over the DataLoader's, and the share of its time that it may wait for data."""

Batches = Iterable[tuple[Tensor, ...]]


class _Bench:
    def __init__(self) -> None:
        random = np.random.default_rng(0)
        x = random.standard_normal((ROWS, FEATURES)).astype(np.float32)
        y = random.integers(0, CLASSES, ROWS).astype(np.int64)
        self.rows = Rows(x, y, tuple(map(str, range(FEATURES))), tuple("abcde"))
        self.waits: list[float] = []

    def dataloader(self) -> float:
        """As most would write it."""
        return self._loop(DataLoader(self._dataset(), BATCH, shuffle=True), fused=False)

    def fused(self) -> float:
        """The same with the optimizer that the training loop's learner has."""
        return self._loop(DataLoader(self._dataset(), BATCH, shuffle=True), fused=True)

    def slices(self) -> float:
        """Nothing but the computation: all rows are shuffled at once and cut, nothing is watched, saved or said."""
        order = torch.randperm(ROWS)
        shuffled = (torch.split(each[order], BATCH) for each in self._dataset().tensors)
        return self._loop(zip(*shuffled, strict=True), fused=True)

    def loop(self) -> float:
        """The workload's own training."""
        scaler = Scaler(np.zeros(FEATURES), np.ones(FEATURES))
        learner = TableLearner(self.rows, scaler, Settings(hidden_sizes=HIDDEN, dropout=0, validation=1 / ROWS))
        recipe = Recipe(epochs=EPOCHS, batch_size=BATCH, threads=1, loaders=1, precision="32-true")
        with TemporaryDirectory(prefix="headrace-bench-") as folder:
            fit(learner, recipe, run := FolderRun(Path(folder)))
        self.waits.append(median(point["input_wait"] for point in run.curves))
        return median(point["examples_per_second"] for point in run.curves)

    def _dataset(self) -> TensorDataset:
        return TensorDataset(torch.from_numpy(self.rows.x), torch.from_numpy(self.rows.y))

    def _loop(self, batches: Batches, fused: bool) -> float:
        """Rows a second."""
        network = perceptron(FEATURES, HIDDEN, CLASSES, 0)
        optimizer = AdamW(network.parameters(), 3e-3, fused=fused)
        began = perf_counter()
        for x, y in batches:
            optimizer.zero_grad()
            torch.autograd.backward(cross_entropy(network(x), y))
            optimizer.step()
        return ROWS / (perf_counter() - began)


def main() -> None:
    """Measure, and print the medians beside the marks."""
    torch.set_num_threads(1)
    bench = _Bench()
    ways: dict[str, Callable[[], float]] = {
        "DataLoader over TensorDataset": bench.dataloader,
        "the same, fused AdamW": bench.fused,
        "shuffle and slices, fused AdamW": bench.slices,
        "the training loop": bench.loop,
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, measure in ways.items():
            found[name].append(measure())
    table = Table("batches", "rows/s", "times the first", title=f"MLP of {HIDDEN}, {FEATURES} numbers, batch {BATCH}")
    first = found["DataLoader over TensorDataset"]
    for name, rates in found.items():
        ratios = [rate / other for rate, other in zip(rates, first, strict=True)]
        table.add_row(name, f"{median(rates):,.0f}", f"{median(ratios):.2f}")
    waited = f"the training loop waits for data {median(bench.waits):.2%} of the time; mark: {WAIT_MARK:.0%} at most"
    Console().print(table, f"mark: the last row at {MARK:g} or more\n{waited}")


if __name__ == "__main__":
    main()
