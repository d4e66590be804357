"""Measure a CycleGAN's step against the plain loop: `python -m tests.bench.cyclegan [--full]`.

The plain loop is eager float32 on the same networks: a pass for each thing that a generator is asked, Adam as it
comes, images that wait in memory. Both are measured in turn, several times; with `--full` a generator has 54 million
weights.
"""

import argparse
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import torch
import yaml
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.nn.functional import l1_loss, mse_loss
from torch.optim import Adam

import workloads.sar_colorization
from headrace import catalogue
from headrace.learning import Recipe, fit
from headrace.training.folder_run import FolderRun
from workloads.sar_colorization.cache import Tiles
from workloads.sar_colorization.cyclegan import BETAS, DISCRIMINATORS, GENERATORS, CycleGan
from workloads.sar_colorization.networks import signed
from workloads.sar_colorization.pool import ImagePool
from workloads.sar_colorization.settings import Settings

NAME, TILE = "sar_colorization", 256
CPU_MARK, GPU_MARK = 1.0, 1.5
"""How many times as fast as the plain loop the runner has to be."""

Images = Iterator[tuple[Tensor, Tensor]]


def main() -> None:
    """Print seconds a step, and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cyclegan", description=__doc__)
    parser.add_argument("--full", action="store_true", help="the networks of full.yaml instead of the small ones")
    full, gpu = parser.parse_args().full, torch.cuda.is_available()
    recipe, settings = _candidate(full)
    tiles, rounds = (50, 5) if gpu else (4, 2) if full else (12, 5)
    bench = _Bench(recipe, settings, tiles)
    taken: dict[str, list[float]] = {"plain loop": [], "runner": []}
    for _ in range(rounds):
        taken["plain loop"].append(bench.plain())
        taken["runner"].append(bench.runner())
    seconds = {name: median(times) for name, times in taken.items()}
    mark = GPU_MARK if gpu else CPU_MARK
    table = Table(
        "training", "step", "times as fast", "mark", title=f"CycleGAN, crops of {settings.crop}, on {_device()}"
    )
    for name, each in seconds.items():
        ratio = f"{seconds['plain loop'] / each:.2f}"
        table.add_row(name, f"{each * 1000:.0f} ms", ratio, f"{mark:.1f}" if name == "runner" else "")
    console = Console()
    console.print(table)
    console.print(f"of the runner's time, {bench.waited:.1%} was spent waiting for images")


def _candidate(full: bool) -> tuple[Recipe, Settings]:
    """The recipe of one epoch to warm up and one to measure, and the networks."""
    params: dict[str, Any] = dict(catalogue.describe(NAME).candidates["small"])
    if full:
        params = yaml.safe_load((Path(workloads.sar_colorization.__path__[0]) / "full.yaml").read_text())["cyclegan"]
        del params["resources"]
    if not torch.cuda.is_available():
        params["compile"] = False
    recipe, own = Recipe.of(params | {"epochs": 2, "batch_size": 1, "checkpoint_seconds": 3600})
    return recipe, Settings.of(own)


def _device() -> str:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else f"{torch.get_num_threads()} CPU threads"


class _Bench:
    """Both trainings, on the same invented tiles."""

    def __init__(self, recipe: Recipe, settings: Settings, tiles: int) -> None:
        random = np.random.default_rng(0)
        optical = random.integers(0, 256, (tiles, TILE, TILE, 3), np.uint8)
        self.tiles = Tiles(optical[..., 0], optical, np.array(["noise"] * tiles))
        self.recipe, self.settings, self.waited = recipe, settings, 0.0
        if recipe.threads:
            torch.set_num_threads(recipe.threads)

    def runner(self) -> float:
        """Seconds a step as the workload trains, in its second epoch."""
        with TemporaryDirectory(prefix="headrace-bench-") as folder:
            run = FolderRun(Path(folder))
            fit(CycleGan(self.tiles, self.settings), self.recipe, run)
        self.waited = run.curves[-1]["input_wait"]
        return 1 / run.curves[-1]["examples_per_second"]

    def plain(self) -> float:
        """Seconds a step of the plain loop, after as many that do not count."""
        torch.set_float32_matmul_precision("highest")
        torch.backends.cudnn.benchmark = False
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        learner = CycleGan(self.tiles, self.settings)
        loop = _Plain(learner, self.settings, device)
        random = np.random.default_rng(0)
        loaded = [learner.load(np.array([row]), random) for row in range(learner.size)]
        images = cycle([(signed(optical).to(device), signed(sar).to(device)) for optical, sar in loaded])
        loop.steps(images, learner.size)
        began = perf_counter()
        loop.steps(images, learner.size)
        return (perf_counter() - began) / learner.size


class _Plain:
    """The paper's training, written down."""

    def __init__(self, learner: CycleGan, settings: Settings, device: torch.device) -> None:
        self.networks = {name: network.to(device) for name, network in learner.networks().items()}
        self.settings = settings
        self.pools = [ImagePool(settings.pool) for _ in DISCRIMINATORS]
        self.generators, self.discriminators = (
            Adam([w for name in names for w in self.networks[name].parameters()], settings.learning_rate, BETAS)
            for names in (GENERATORS, DISCRIMINATORS)
        )

    def steps(self, images: Images, steps: int) -> None:
        """So many steps of batch one, to their end."""
        for _ in range(steps):
            self._step(*next(images))
        if torch.cuda.is_available():
            torch.cuda.synchronize()

    def _step(self, optical: Tensor, sar: Tensor) -> None:
        to_optical, to_sar = (self.networks[name] for name in GENERATORS)
        judges = [self.networks[name] for name in DISCRIMINATORS]
        settings = self.settings
        _require(judges, False)
        made_optical, made_sar = to_optical(sar), to_sar(optical)
        loss = settings.cycle * (l1_loss(to_optical(made_sar), optical) + l1_loss(to_sar(made_optical), sar))
        loss = loss + settings.identity * (l1_loss(to_optical(optical), optical) + l1_loss(to_sar(sar), sar))
        loss = loss + settings.paired * l1_loss(made_optical, optical)
        for judge, made in zip(judges, (made_optical, made_sar), strict=True):
            loss = loss + settings.adversarial * _off(judge(made), 1.0)
        self._move(self.generators, loss)
        _require(judges, True)
        made = [pool.mixed(image) for pool, image in zip(self.pools, (made_optical, made_sar), strict=True)]
        judged = [
            (_off(judge(true), 1.0) + _off(judge(false), 0.0)) / 2
            for judge, true, false in zip(judges, (optical, sar), made, strict=True)
        ]
        self._move(self.discriminators, judged[0] + judged[1])

    def _move(self, optimizer: Adam, loss: Tensor) -> None:
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()


def _off(verdicts: Tensor, wanted: float) -> Tensor:
    return mse_loss(verdicts, torch.full_like(verdicts, wanted))


def _require(networks: list[nn.Module], gradients: bool) -> None:
    for network in networks:
        network.requires_grad_(gradients)


if __name__ == "__main__":
    main()
