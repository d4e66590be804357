"""What a workload says of its networks: how they are made, fed, taught and judged."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn
from torch.optim import Optimizer

Rows = npt.NDArray[np.int64]
Batch = Any
"""Tensors, or tuples, lists and dicts of them, on the CPU; the loop moves them to the device."""

Networks = Mapping[str, nn.Module]


class Update(Protocol):
    """Handed to `Learner.step`: backward, clip, optimizer step and zero_grad, in whatever precision is in use."""

    def __call__(self, optimizer: str, loss: Tensor) -> None:
        """Move the weights of `optimizer` down the gradient of `loss`."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The trained networks, in evaluation mode on the CPU, and their curves: one mapping of scores an epoch."""

    networks: Networks
    history: Sequence[Mapping[str, float]] = field(default_factory=tuple)


class Learner(ABC):
    """A model in the making. It holds its data; it never sees a device, a process or a file of the platform's.

    `size` is the number of training examples. With `lengths` (one per example) a batch holds examples of like
    length. `monitor` names the score of `evaluate` by which the best epoch is kept; without it the last one is.
    """

    size: int
    lengths: npt.NDArray[np.int64] | None = None
    monitor: tuple[str, Literal["higher", "lower"]] | None = None

    @abstractmethod
    def networks(self) -> Networks:
        """New networks by name. The random generators are seeded before the call."""

    @abstractmethod
    def optimizers(self, networks: Networks) -> Mapping[str, Optimizer]:
        """The optimizers by name."""

    @abstractmethod
    def load(self, rows: Rows, random: np.random.Generator) -> Batch:
        """The training examples `rows`, augmented by `random` alone. Called on several threads at once."""

    @abstractmethod
    def step(self, networks: Networks, batch: Batch, update: Update) -> Mapping[str, Tensor]:
        """Learn from one batch with `update`; the losses returned become curves."""

    def evaluate(self, networks: Networks) -> Mapping[str, float]:
        """Scores after an epoch, on data held out from the training split. Called without gradients."""
        return {}

    def rate(self, done: float) -> float:
        """What the learning rates are multiplied with when the share `done` of all steps is over."""
        return 1.0

    def pictures(self, networks: Networks, epoch: int) -> Mapping[str, bytes]:
        """PNG drawings to look at after an epoch, by file name. Called without gradients."""
        return {}

    def state(self) -> Mapping[str, Any]:
        """Whatever else must survive an interruption: tensors, numbers, strings, and containers of them."""
        return {}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` returned."""
