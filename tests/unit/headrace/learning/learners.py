"""Small networks that learn in a moment, with all that an interruption could lose."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import SGD, Adam, Optimizer

from headrace.learning import Batch, Learner, Networks, Recipe, Update
from headrace.learning.sampling import Rows

FEATURES, CLASSES = 5, 3


def recipe(**values: Any) -> Recipe:
    """A recipe for a few small steps on one thread."""
    return Recipe.model_validate({"epochs": 3, "batch_size": 16, "loaders": 0, "threads": 1} | values)


class Points(Learner):
    """Which of three directions a point lies in: augmented, with dropout, and with a count that must survive."""

    monitor: tuple[str, Literal["higher", "lower"]] | None = ("held_out", "lower")

    def __init__(self, size: int = 100, dropout: float = 0.2, noise: float = 0.1, varied: bool = False) -> None:
        random = np.random.default_rng(0)
        self.points = torch.from_numpy(random.standard_normal((size, FEATURES)).astype(np.float32))
        self.labels = self.points[:, :CLASSES].argmax(1)
        self.size = size
        self.lengths = random.integers(1, 30, size) if varied else None
        self.steps = 0
        self.after: Callable[[int], None] = lambda _: None
        self._dropout, self._noise = dropout, noise

    def networks(self) -> Networks:
        layers = (nn.Linear(FEATURES, 16), nn.ReLU(), nn.Dropout(self._dropout), nn.Linear(16, CLASSES))
        return {"net": nn.Sequential(*layers)}

    def optimizers(self, networks: Networks) -> Mapping[str, Optimizer]:
        return {"net": Adam(networks["net"].parameters(), 0.01)}

    def load(self, rows: Rows, random: np.random.Generator) -> Batch:
        noise = random.standard_normal((len(rows), FEATURES)).astype(np.float32) * self._noise
        return self.points[rows] + torch.from_numpy(noise), self.labels[rows]

    def step(self, networks: Networks, batch: Batch, update: Update) -> Mapping[str, Tensor]:
        points, labels = batch
        loss = cross_entropy(networks["net"](points), labels)
        update("net", loss)
        self.steps += 1
        self.after(self.steps)
        return {"loss": loss}

    def rate(self, done: float) -> float:
        return 1 - done / 2

    def evaluate(self, networks: Networks) -> Mapping[str, float]:
        outputs = networks["net"](self.points)
        return {"held_out": float(cross_entropy(outputs, self.labels)), "right": self._right(outputs)}

    def state(self) -> Mapping[str, Any]:
        return {"steps": self.steps}

    def resume(self, state: Mapping[str, Any]) -> None:
        self.steps = state["steps"]

    def _right(self, outputs: Tensor) -> float:
        return float((outputs.argmax(1) == self.labels).float().mean())


class Rivals(Learner):
    """A maker and a judge of points, each taught by a loss that runs through both."""

    def __init__(self, frozen: bool = False, size: int = 64) -> None:
        self.size, self._frozen = size, frozen
        self._points = torch.from_numpy(np.random.default_rng(7).standard_normal((size, 4)).astype(np.float32))

    def networks(self) -> Networks:
        return {"maker": nn.Linear(4, 4), "judge": nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))}

    def optimizers(self, networks: Networks) -> Mapping[str, Optimizer]:
        return {name: SGD(network.parameters(), 0.05) for name, network in networks.items()}

    def load(self, rows: Rows, random: np.random.Generator) -> Batch:
        return self._points[rows]

    def step(self, networks: Networks, batch: Batch, update: Update) -> Mapping[str, Tensor]:
        maker, judge = networks["maker"], networks["judge"]
        made = maker(batch)
        judge.requires_grad_(not self._frozen)
        making = -judge(made).mean()
        update("maker", making)
        judge.requires_grad_(True)
        judging = judge(made.detach()).mean() - judge(2 * batch).mean()
        update("judge", judging)
        return {"making": making, "judging": judging}
