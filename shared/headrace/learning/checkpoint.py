"""A training's whole state in; one file that only holds tensors and plain values, and the state again, out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from lightning_fabric.plugins.precision.precision import Precision
from torch import Tensor, nn
from torch.optim import Optimizer

from headrace.learning.learner import Learner
from headrace.workload import Run

FILE = "training.pt"
Scores = dict[str, float]


@dataclass(slots=True)
class Progress:
    """How far a training is: `epoch` and `batch` are the next to do. Sums are of the losses of the epoch so far."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    history: list[Scores] = field(default_factory=list)
    best_epoch: int = -1
    best: dict[str, dict[str, Tensor]] | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Everything that an interruption must not lose. Random generators are no part of it: each step is seeded anew."""

    networks: Mapping[str, nn.Module]
    optimizers: Mapping[str, Optimizer]
    learner: Learner
    precision: Precision
    progress: Progress

    def save(self, run: Run) -> None:
        """Hand the state to the platform."""
        kept = {
            "networks": {name: network.state_dict() for name, network in self.networks.items()},
            "optimizers": {name: optimizer.state_dict() for name, optimizer in self.optimizers.items()},
            "learner": dict(self.learner.state()),
            "precision": self.precision.state_dict(),
            "progress": {name: getattr(self.progress, name) for name in Progress.__slots__},
        }
        with TemporaryDirectory(prefix="headrace-") as folder:
            torch.save(kept, Path(folder) / FILE)
            run.save(Path(folder), self.progress.step)

    def restore(self, run: Run) -> bool:
        """Take up what the last attempt saved; False when this is the first."""
        folder = run.restore()
        if folder is None:
            return False
        kept: dict[str, Any] = torch.load(folder / FILE, map_location="cpu", weights_only=True)
        for name, network in self.networks.items():
            network.load_state_dict(kept["networks"][name])
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(kept["optimizers"][name])
        self.learner.resume(kept["learner"])
        self.precision.load_state_dict(kept["precision"])
        for name, value in kept["progress"].items():
            setattr(self.progress, name, value)
        return True
